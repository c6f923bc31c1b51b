package io.efc.testing.simulator;

import java.util.ArrayList;
import java.util.List;

/** Takes out of a failing plan whatever it does not need to fail: incidents, the network's noise, programs, steps. */
final class Shrinker {
    /** A failing run takes milliseconds; more tries than that do not make a plan much smaller. */
    private static final int TRIES_MAX = 2_000;

    private final Parts parts;
    private Plan plan;
    private int tries;

    private Shrinker(Plan plan, Parts parts) {
        this.plan = plan;
        this.parts = parts;
    }

    /** The smallest failing plan that was found. */
    static Plan shrink(Plan plan, Parts parts) {
        Shrinker shrinker = new Shrinker(plan, parts);
        int before;
        do {
            before = size(shrinker.plan);
            shrinker.round();
        } while (size(shrinker.plan) < before && shrinker.tries < TRIES_MAX);
        return shrinker.plan;
    }

    /** Incidents and steps of a plan. */
    static int size(Plan plan) {
        return plan.incidents().size()
                + plan.programs().stream().mapToInt(p -> p.steps().size()).sum()
                + plan.lockings().stream().mapToInt(l -> l.steps().size()).sum();
    }

    private void round() {
        keepIfFailing(plan.with(plan.programs(), plan.lockings(), plan.incidents(), false));
        for (int i = plan.incidents().size() - 1; i >= 0; i--) {
            List<Plan.Incident> fewer = new ArrayList<>(plan.incidents());
            fewer.remove(i);
            keepIfFailing(plan.with(plan.programs(), plan.lockings(), fewer, plan.noisy()));
        }
        for (int p = 0; p < plan.programs().size(); p++) {
            for (int length = plan.programs().get(p).steps().size(); length > 0; length /= 2) {
                removeRuns(p, length);
            }
        }
        for (int l = 0; l < plan.lockings().size(); l++) {
            for (int length = plan.lockings().get(l).steps().size(); length > 0; length /= 2) {
                removeLocks(l, length);
            }
        }
    }

    private void removeLocks(int locking, int length) {
        for (int at = plan.lockings().get(locking).steps().size() - length; at >= 0; at -= length) {
            Locking old = plan.lockings().get(locking);
            if (at + length > old.steps().size()) {
                continue;
            }
            List<Locking.Step> steps = new ArrayList<>(old.steps());
            steps.subList(at, at + length).clear();
            List<Locking> lockings = new ArrayList<>(plan.lockings());
            lockings.set(locking, old.with(steps));
            keepIfFailing(plan.with(plan.programs(), lockings, plan.incidents(), plan.noisy()));
        }
    }

    private void removeRuns(int program, int length) {
        for (int at = plan.programs().get(program).steps().size() - length; at >= 0; at -= length) {
            Plan.Program old = plan.programs().get(program);
            if (at + length > old.steps().size()) {
                continue;
            }
            List<Plan.Step> steps = new ArrayList<>(old.steps());
            steps.subList(at, at + length).clear();
            List<Plan.Program> programs = new ArrayList<>(plan.programs());
            programs.set(program, new Plan.Program(old.client(), steps));
            keepIfFailing(plan.with(programs, plan.lockings(), plan.incidents(), plan.noisy()));
        }
    }

    private void keepIfFailing(Plan smaller) {
        if (tries++ < TRIES_MAX
                && Simulator.run(smaller, parts, new Tally(), false).violation() != null) {
            plan = smaller;
        }
    }
}
