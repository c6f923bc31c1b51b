package io.efc.testing.simulator;

/** Runs seeds. */
public final class Simulator {
    private Simulator() {}

    /** Runs one seed with a text of everything that happened. */
    public static Outcome replay(long seed) {
        return run(Plan.of(seed), Parts.SOUND, new Tally(), true);
    }

    /** The smallest run in which a failing seed's plan still fails, with its text; of a seed that does not fail its own run. */
    public static Outcome shrink(long seed) {
        Plan plan = Plan.of(seed);
        boolean fails = run(plan, Parts.SOUND, new Tally(), false).violation() != null;
        return run(fails ? Shrinker.shrink(plan, Parts.SOUND) : plan, Parts.SOUND, new Tally(), true);
    }

    static Outcome run(Plan plan, Parts parts, Tally tally, boolean withText) {
        World world = new World(plan, parts, withText);
        String violation;
        try {
            violation = world.run();
        } catch (IllegalStateException e) {
            violation = "broken invariant: " + e.getMessage();
        }
        tally.add(world.tally);
        return new Outcome(plan.seed(), violation, world.trace.hash(), world.trace.steps(), world.trace.text());
    }
}
