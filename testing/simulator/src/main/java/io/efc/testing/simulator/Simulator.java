package io.efc.testing.simulator;

/** Runs seeds. */
public final class Simulator {
    private Simulator() {}

    /** Runs one seed with a text of everything that happened. */
    public static Outcome replay(long seed) {
        return run(Plan.of(seed), Parts.SOUND, new Tally(), true);
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
