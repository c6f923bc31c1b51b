package io.efc.cli.internal;

import io.efc.rpc.Address;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The masters of the running cluster, one or three, and what each does at present.
 *
 * @param all in the order of their start
 */
record Masters(List<One> all) {
    private static final String COMPONENT = "master";
    private static final int POLL_MILLIS = 20;

    /** What a master does. */
    enum State {
        /** It serves clients and workers. */
        LEADS,
        /** It has what the leader has and can take its place. */
        FOLLOWS,
        /** It runs and cannot be used yet. */
        STARTING,
        /** It runs and does not answer. */
        SILENT,
        /** It has ended. */
        DOWN;

        /** As tables write it. */
        String word() {
            return GetCommand.word(this);
        }
    }

    /** One of them. */
    record One(ProcessRecord record, State state) {
        private static One of(ProcessRecord record) {
            return new One(record, look(record));
        }

        private static State look(ProcessRecord record) {
            if (!record.isAlive()) {
                return State.DOWN;
            }
            if (record.metricsPort() == 0) {
                return State.STARTING;
            }
            try {
                return Scrape.of(record.metricsPort()).sum("efc_master_leads") > 0 ? State.LEADS : State.FOLLOWS;
            } catch (IOException e) {
                return State.SILENT;
            }
        }

        boolean isReady() {
            return state == State.LEADS || state == State.FOLLOWS;
        }

        /** The fields of {@code -o json}, in their order. */
        Map<String, Object> toResult() {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("name", record.name());
            result.put("node", record.node());
            result.put("address", record.address());
            result.put("pid", record.pid());
            result.put("metricsPort", record.metricsPort());
            result.put("state", state.word());
            result.put("leads", state == State.LEADS);
            return result;
        }
    }

    /** Looks at the masters among {@code records}; none is a cluster that does not run. */
    static Masters of(RunDirectory run, List<ProcessRecord> records) {
        List<One> all = records.stream()
                .filter(r -> r.component().equals(COMPONENT))
                .map(One::of)
                .toList();
        if (all.isEmpty()) {
            throw new Failure("no dataset is running (looked in " + run.root() + "); efc up starts one");
        }
        return new Masters(all);
    }

    /** Waits until one of the running cluster's masters leads. */
    static ProcessRecord awaitLeader(RunDirectory run, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            Masters now = of(run, run.processes());
            Optional<One> leader = now.leader();
            if (leader.isPresent()) {
                return leader.get().record;
            }
            if (System.nanoTime() - deadline >= 0 || !now.haveMajority()) {
                throw new Failure("no master leads: " + now + "; their logs are in " + run.logs());
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Failure("interrupted", e);
            }
        }
    }

    /** Where to look for the one that leads. */
    Address address() {
        String known = all.stream()
                .map(m -> m.record.address())
                .filter(a -> !a.isEmpty())
                .collect(Collectors.joining(","));
        if (known.isEmpty()) {
            throw new Failure("no master can be asked yet: " + this);
        }
        return HostPort.any(known);
    }

    /** The one that leads; none while it is elected. */
    Optional<One> leader() {
        return all.stream().filter(m -> m.state == State.LEADS).findFirst();
    }

    int ready() {
        return (int) all.stream().filter(One::isReady).count();
    }

    /** Whether enough of them run for one to lead. */
    boolean haveMajority() {
        return all.stream().filter(m -> m.state != State.DOWN).count() > all.size() / 2;
    }

    /** Why nobody can be asked, with what to do. */
    Failure unanswered(RunDirectory run, RuntimeException cause) {
        if (all.size() == 1) {
            ProcessRecord only = all.getFirst().record;
            return new Failure(
                    "the master at " + only.address() + " does not answer: " + cause.getMessage() + "; its log is "
                            + run.log(only.name()) + "; efc up starts it again if it has died",
                    cause);
        }
        return new Failure(
                "no master answers (" + this + "): " + cause.getMessage() + "; their logs are in " + run.logs()
                        + (haveMajority() ? "" : "; efc up starts them again"),
                cause);
    }

    /** What each does: {@code master-1 is down, master-2 leads, master-3 follows}. */
    @Override
    public String toString() {
        return all.stream()
                .map(m -> m.record.name()
                        + switch (m.state) {
                            case LEADS -> " leads";
                            case FOLLOWS -> " follows";
                            case STARTING -> " is starting";
                            case SILENT -> " does not answer";
                            case DOWN -> " is down";
                        })
                .collect(Collectors.joining(", "));
    }
}
