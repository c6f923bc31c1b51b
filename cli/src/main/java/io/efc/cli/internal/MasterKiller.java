package io.efc.cli.internal;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Kills a running cluster's master, of three the one that leads, with SIGKILL and starts it again with the same command line at the same
 * address, as its keeper would. One thread of its own; after {@link #close} every master runs again.
 */
final class MasterKiller implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final int END_SECONDS = 30;

    private final RunDirectory run;
    private final Duration every;
    private final Runnable failed;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread thread;
    private final AtomicInteger kills = new AtomicInteger();

    /** Odd from a kill until a master leads again. */
    private final AtomicInteger changes = new AtomicInteger();

    private volatile @Nullable RuntimeException failure;

    /**
     * Prepares; {@link #start} begins.
     *
     * @param failed run on the killer's thread when it cannot go on; {@link #close} throws the reason
     */
    MasterKiller(RunDirectory run, Duration every, Runnable failed) {
        this.run = run;
        this.failed = failed;
        this.every = every;
        thread = Thread.ofPlatform().daemon().name("master-killer").unstarted(this::work);
    }

    void start() {
        thread.start();
    }

    int kills() {
        return kills.get();
    }

    /** Counts kills and the leaders after them: odd while no master leads because of a kill. */
    int changes() {
        return changes.get();
    }

    private void work() {
        try {
            while (!ended.await(every.toNanos(), TimeUnit.NANOSECONDS)) {
                if (run.processes().stream().noneMatch(r -> r.component().equals("master"))) {
                    throw new Failure("the master was taken away while the experiment ran (efc down?)");
                }
                replace(Masters.awaitLeader(run, START_LIMIT));
                kills.incrementAndGet();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failure = e;
            // Said now: the experiment may be waiting for the master that does not come back.
            System.err.println("efc: " + e.getMessage());
            failed.run();
        }
    }

    private void replace(ProcessRecord master) {
        try (RunLock _ = RunLock.take(run)) {
            changes.incrementAndGet();
            kill(master);
            new Spawner(run).again(master, START_LIMIT);
        }
        Masters.awaitLeader(run, START_LIMIT);
        changes.incrementAndGet();
    }

    private static void kill(ProcessRecord master) {
        ProcessHandle handle = ProcessHandle.of(master.pid())
                .orElseThrow(() -> new Failure("the master, process " + master.pid() + ", has ended by itself"));
        handle.destroyForcibly();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS);
        while (master.isAlive()) {
            if (System.nanoTime() - deadline > 0) {
                throw new Failure("the master, process " + master.pid() + ", does not end");
            }
            Thread.onSpinWait();
        }
    }

    /** Waits until a restart under way is done; throws what went wrong. */
    @Override
    public void close() {
        ended.countDown();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        RuntimeException e = failure;
        if (e != null) {
            throw e;
        }
    }
}
