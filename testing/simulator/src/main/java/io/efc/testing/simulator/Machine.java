package io.efc.testing.simulator;

/** A process and the clock of its machine: it can be paused, killed and started again. */
abstract class Machine {
    final World world;
    final String name;
    private final int driftPpm;
    private final long origin;
    private long pausedUntil;
    private boolean up;
    private int incarnation;

    Machine(World world, String name, int driftPpm) {
        this.world = world;
        this.name = name;
        this.driftPpm = driftPpm;
        this.origin = world.chance.any();
    }

    /** What its monotonic clock shows: from an origin anywhere, overflow included. */
    final long clock() {
        return clockAt(world.now());
    }

    final long clockAt(long real) {
        return origin + real + Math.floorDiv(real * driftPpm, 1_000_000);
    }

    /** After how long in real time the clock has advanced by {@code nanos}. */
    final long real(long nanos) {
        return nanos * 1_000_000 / (1_000_000 + driftPpm);
    }

    final boolean isUp() {
        return up;
    }

    final boolean isPaused() {
        return world.now() < pausedUntil;
    }

    final boolean runs() {
        return up && !isPaused();
    }

    final void pause(long nanos) {
        pausedUntil = Math.max(pausedUntil, world.now() + nanos);
    }

    final void start() {
        up = true;
        incarnation++;
        pausedUntil = 0;
        started();
    }

    final void kill() {
        up = false;
        incarnation++;
        killed();
    }

    /** Runs {@code work} in this process: after its pause, never if it is down. */
    final void run(Runnable work) {
        if (!up) {
            return;
        }
        if (isPaused()) {
            int of = incarnation;
            world.at(pausedUntil - world.now(), () -> {
                if (of == incarnation) {
                    run(work);
                }
            });
            return;
        }
        work.run();
    }

    /** Runs {@code work} after a time of its own clock, unless the process dies before. */
    final void after(long nanos, Runnable work) {
        int of = incarnation;
        world.at(real(nanos), () -> {
            if (of == incarnation) {
                run(work);
            }
        });
    }

    abstract void started();

    abstract void killed();
}
