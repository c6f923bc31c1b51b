package io.efc.testing.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * A master under the load of many sessions and leases: what it costs while they come, while they are only renewed, and how long its death
 * stalls those who ask.
 */
final class MasterBench {
    /** The whole run ends within it, or has failed. */
    private static final long LIMIT_NANOS = 170_000_000_000L;

    /** The reference needs no more to be steady, and its memory is this process's. */
    private static final int REFERENCE_LEASES_MAX = 200_000;

    private static final double LIFE_SECONDS = SimulatedClient.RULES.times().lifeNanos() / 1e9;

    /**
     * How much.
     *
     * @param leases of all sessions together, a multiple of {@code sessions}
     * @param connections that the sessions share
     * @param filesInDirectory less than what makes a master give the whole directory instead
     * @param holdSeconds for which there are only heartbeats
     */
    record Load(int sessions, int leases, int connections, int filesInDirectory, int holdSeconds) {
        static final Load FULL = new Load(5_000, 1_000_000, 250, 20, 20);

        Load {
            int most = SimulatedClient.RULES.limits().escalateAt() - 1;
            if (sessions < 1 || sessions > SimulatedClient.RULES.limits().sessionsMax() - 1) {
                throw new IllegalArgumentException("--sessions " + sessions + " is not 1 to 9999");
            }
            if (leases < sessions || leases % sessions != 0) {
                throw new IllegalArgumentException(
                        "--leases " + leases + " is not a positive multiple of --sessions " + sessions);
            }
            if (connections < 1 || connections > 10_000) {
                throw new IllegalArgumentException("--connections " + connections + " is not 1 to 10000");
            }
            if (filesInDirectory < 1 || filesInDirectory > most) {
                throw new IllegalArgumentException("--files-in-directory " + filesInDirectory + " is not 1 to " + most);
            }
            if (holdSeconds < 1 || holdSeconds > 60) {
                throw new IllegalArgumentException("--hold " + holdSeconds + " is not 1 to 60 seconds");
            }
        }

        int each() {
            return leases / sessions;
        }
    }

    private final Load load;
    private final Consumer<Row> rows;
    private final long deadline = System.nanoTime() + LIMIT_NANOS;

    private MasterBench(Load load, Consumer<Row> rows) {
        this.load = load;
        this.rows = rows;
    }

    /** Measures; gives each row as soon as it is known. */
    static void run(Path efc, Load load, Consumer<Row> rows) {
        Path directory;
        try {
            directory = Files.createTempDirectory(Path.of("/tmp"), "efc-mbench-");
        } catch (IOException e) {
            throw new BenchException("no directory can be made in /tmp: " + e.getMessage(), e);
        }
        try (MasterProcess master = new MasterProcess(efc, directory)) {
            new MasterBench(load, rows).measure(master);
        } finally {
            Bench.removeTree(directory);
        }
    }

    private void measure(MasterProcess master) {
        int sample = Math.max(1, Math.min(load.sessions, REFERENCE_LEASES_MAX / load.each()));
        double reference = InProcess.grantsPerSecond(sample, load.each(), load.filesInDirectory);
        master.start();
        double empty = master.liveBytes();
        try (Crowd crowd = new Crowd(
                master.address(),
                master.secret(),
                MasterProcess.dataset(),
                load.sessions,
                load.connections,
                load.filesInDirectory)) {
            long began = System.nanoTime();
            crowd.open(deadline);
            row("sessions opened", load.sessions / since(began), "/s");
            double sessionsOnly = master.liveBytes();
            row("master heap a session", (sessionsOnly - empty) / load.sessions, "bytes");
            began = System.nanoTime();
            double cpu = master.cpuSeconds();
            crowd.acquire(load.each(), deadline);
            double seconds = since(began);
            row("leases granted", load.leases / seconds, "/s", "one process, no network", reference);
            row("master CPU a grant", (master.cpuSeconds() - cpu) / load.leases * 1e6, "us");
            double full = master.liveBytes();
            row("leases held", master.leases(), "", "asked for", load.leases);
            row("master heap a lease", (full - sessionsOnly) / load.leases, "bytes");
            row("master resident", master.residentBytes() / 1e6, "MB");
            hold(master, crowd);
            failover(master, crowd);
            if (crowd.refused() > 0) {
                throw new BenchException(crowd.refused() + " requests were refused");
            }
            if (crowd.lost() > 0) {
                throw new BenchException(
                        crowd.lost() + " of " + load.sessions + " sessions were lost when the master was killed");
            }
        }
    }

    private void hold(MasterProcess master, Crowd crowd) {
        double cpu = master.cpuSeconds();
        double renewed = master.events("session_renewed");
        long began = System.nanoTime();
        LockSupport.parkNanos(load.holdSeconds * 1_000_000_000L);
        while (since(began) < load.holdSeconds) {
            LockSupport.parkNanos(1_000_000);
        }
        double seconds = since(began);
        row("master CPU, heartbeats only", (master.cpuSeconds() - cpu) / seconds, "CPUs");
        row(
                "renewals",
                (master.events("session_renewed") - renewed) / seconds,
                "/s",
                "a beat a second each",
                load.sessions);
        row("leases usable after it", (double) crowd.held(), "", "granted", load.leases);
    }

    private void failover(MasterProcess master, Crowd crowd) {
        long began = System.nanoTime();
        master.kill();
        crowd.first().want(System.nanoTime(), load.each() + 1);
        master.start();
        row("killed: master ready again after", since(began), "s");
        while (!crowd.first().isServed() && !crowd.first().isLost()) {
            if (System.nanoTime() - deadline >= 0) {
                throw new BenchException("no new lease was given after the master was killed");
            }
            LockSupport.parkNanos(1_000_000);
        }
        if (crowd.first().isServed()) {
            row("killed: new lease given after", since(began), "s", "a session's life", LIFE_SECONDS);
        }
        row("killed: master CPU until then", master.cpuSeconds(), "s");
        row("killed: of it collecting garbage", master.collectingSeconds(), "s");
        row("killed: leases claimed again", master.events("claimed"), "", "held before", load.leases);
        row("killed: leases usable after it", (double) crowd.held(), "", "held before", load.leases + 1);
        row("killed: sessions lost", (double) crowd.lost(), "", "of", load.sessions);
    }

    private static double since(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    private void row(String name, double value, String unit) {
        row(name, value, unit, "", 0);
    }

    private void row(String name, double value, String unit, String reference, double referenceValue) {
        rows.accept(new Row(name, value, unit, reference, referenceValue));
    }
}
