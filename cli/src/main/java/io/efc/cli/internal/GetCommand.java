package io.efc.cli.internal;

import io.efc.api.CacheStates;
import io.efc.api.Dataset;
import io.efc.api.DatasetStatus;
import io.efc.api.EFCRuntime;
import io.efc.api.RuntimeStatus;
import io.efc.base.ByteSize;
import io.efc.rpc.ClusterStatus;
import io.efc.rpc.LeasesView;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code efc get}: what runs, in kubectl's columns. */
@Command(
        name = "get",
        description = "Show the dataset, its runtime, its masters, its workers, its mounts or their leases.")
final class GetCommand implements Callable<Integer> {
    /** What can be shown. */
    enum Kind {
        dataset,
        runtime,
        masters,
        workers,
        mounts,
        leases
    }

    @Parameters(index = "0", paramLabel = "KIND", description = "One of ${COMPLETION-CANDIDATES}.")
    private Kind kind = Kind.dataset;

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "Only the one of this name.")
    private @Nullable String name;

    @Option(
            names = "-o",
            paramLabel = "FORMAT",
            description = "One of ${COMPLETION-CANDIDATES}.",
            defaultValue = "table")
    private Output.Format format = Output.Format.table;

    @Override
    public Integer call() {
        if (kind == Kind.leases) {
            return leases();
        }
        boolean structured = format == Output.Format.json || format == Output.Format.yaml;
        if (kind == Kind.masters) {
            RunDirectory run = RunDirectory.standard();
            List<Masters.One> masters = Masters.of(run, run.processes()).all().stream()
                    .filter(m -> name == null || m.record().name().equals(name))
                    .toList();
            print(structured ? masters.stream().map(Masters.One::toResult).toList() : masters(masters), structured);
            return 0;
        }
        ClusterReport report = ClusterReport.of(RunDirectory.standard());
        Object shown = switch (kind) {
            case dataset -> named(report, structured ? report.dataset() : dataset(report));
            case runtime -> named(report, structured ? report.runtime() : runtime(report));
            case workers -> structured ? filtered(report) : workers(report);
            case mounts -> structured ? report.cluster().sessions() : mounts(report);
            case masters, leases -> throw new IllegalStateException(kind + " are not in the report");
        };
        print(shown, structured);
        if (!structured
                && (kind == Kind.dataset || kind == Kind.runtime)
                && report.blueprint().masters() > 1) {
            System.out.println(report.blueprint().masters() + " masters: " + report.masters());
        }
        return 0;
    }

    private void print(Object shown, boolean structured) {
        System.out.print(structured ? Output.text(shown, format) + "\n" : shown);
    }

    private static Table masters(List<Masters.One> masters) {
        Table table = new Table("NAME", "NODE", "ADDRESS", "PID", "STATE");
        for (Masters.One m : masters) {
            ProcessRecord r = m.record();
            table.row(
                    r.name(),
                    r.node(),
                    r.address().isEmpty() ? "-" : r.address(),
                    r.pid(),
                    m.state().word());
        }
        return table;
    }

    private Integer leases() {
        if (name != null) {
            throw new Failure("leases have no name such as '" + name + "'; accepted: efc describe lease PATH");
        }
        LeasesView view = LeaseReport.ask(RunDirectory.standard(), LeasesView.Filter.ALL);
        if (format == Output.Format.json || format == Output.Format.yaml) {
            System.out.println(Output.text(LeaseReport.result(view), format));
        } else {
            System.out.print(LeaseReport.table(view.rows(), format == Output.Format.wide));
            System.out.println(LeaseReport.summary(view));
        }
        return 0;
    }

    private Object named(ClusterReport report, Object shown) {
        if (name != null && !name.equals(report.blueprint().name())) {
            throw new Failure("there is no " + kind + " '" + name + "'; accepted: "
                    + report.blueprint().name());
        }
        return shown;
    }

    private Table dataset(ClusterReport report) {
        Dataset dataset = report.dataset();
        DatasetStatus status = dataset.getStatus();
        Map<String, String> states = Objects.requireNonNull(status.getCacheStates());
        String age = ClusterReport.age(report.created(), Instant.now());
        String phase = word(status.getPhase());
        if (format == Output.Format.wide) {
            return new Table(
                            "NAME",
                            "UFS TOTAL SIZE",
                            "CACHED",
                            "CACHE CAPACITY",
                            "CACHED PERCENTAGE",
                            "PHASE",
                            "HCFS URL",
                            "TOTAL FILES",
                            "CACHE HIT RATIO",
                            "AGE")
                    .row(
                            report.blueprint().name(),
                            status.getUfsTotal(),
                            states.get(CacheStates.CACHED),
                            states.get(CacheStates.CACHE_CAPACITY),
                            states.get(CacheStates.CACHED_PERCENTAGE),
                            phase,
                            "N/A",
                            status.getFileNum(),
                            states.get(CacheStates.CACHE_HIT_RATIO),
                            age);
        }
        return new Table("NAME", "UFS TOTAL SIZE", "CACHED", "CACHE CAPACITY", "CACHED PERCENTAGE", "PHASE", "AGE")
                .row(
                        report.blueprint().name(),
                        status.getUfsTotal(),
                        states.get(CacheStates.CACHED),
                        states.get(CacheStates.CACHE_CAPACITY),
                        states.get(CacheStates.CACHED_PERCENTAGE),
                        phase,
                        age);
    }

    private Table runtime(ClusterReport report) {
        EFCRuntime runtime = report.runtime();
        RuntimeStatus s = runtime.getStatus();
        String age = ClusterReport.age(report.created(), Instant.now());
        if (format == Output.Format.wide) {
            return new Table(
                            "NAME",
                            "READY MASTERS",
                            "DESIRED MASTERS",
                            "MASTER PHASE",
                            "READY WORKERS",
                            "DESIRED WORKERS",
                            "WORKER PHASE",
                            "READY FUSES",
                            "DESIRED FUSES",
                            "FUSE PHASE",
                            "AGE")
                    .row(
                            report.blueprint().name(),
                            s.getMasterNumberReady(),
                            s.getDesiredMasterNumberScheduled(),
                            word(s.getMasterPhase()),
                            s.getWorkerNumberReady(),
                            s.getDesiredWorkerNumberScheduled(),
                            word(s.getWorkerPhase()),
                            s.getFuseNumberReady(),
                            s.getDesiredFuseNumberScheduled(),
                            word(s.getFusePhase()),
                            age);
        }
        return new Table("NAME", "MASTER PHASE", "WORKER PHASE", "FUSE PHASE", "AGE")
                .row(
                        report.blueprint().name(),
                        word(s.getMasterPhase()),
                        word(s.getWorkerPhase()),
                        word(s.getFusePhase()),
                        age);
    }

    private List<ClusterStatus.Worker> filtered(ClusterReport report) {
        return report.cluster().workers().stream()
                .filter(w -> name == null || w.member().id().equals(name))
                .toList();
    }

    private Table workers(ClusterReport report) {
        Table table =
                new Table("NAME", "NODE", "ADDRESS", "USED", "QUOTA", "HITS", "MISSES", "SERVED", "FETCHED", "AGE");
        for (ClusterStatus.Worker w : filtered(report)) {
            table.row(
                    w.member().id(),
                    w.member().node(),
                    w.member().address(),
                    human(w.figures().usedBytes()),
                    human(w.member().quota()),
                    w.figures().hits(),
                    w.figures().misses(),
                    human(w.figures().servedBytes()),
                    human(w.figures().fetchedBytes()),
                    ClusterReport.age(Instant.ofEpochMilli(w.joinedMillis()), Instant.now()));
        }
        return table;
    }

    private Table mounts(ClusterReport report) {
        Table table = new Table("NODE", "MOUNT", "FROM STORE", "FROM REMOTE WORKERS", "FROM LOCAL WORKER", "AGE");
        for (ClusterStatus.Session s : report.cluster().sessions()) {
            if (name != null && !s.mountPoint().equals(name)) {
                continue;
            }
            table.row(
                    s.node(),
                    s.mountPoint(),
                    human(s.figures().storeBytes() + s.figures().unavailableBytes()),
                    human(s.figures().remoteBytes()),
                    human(s.figures().localBytes()),
                    ClusterReport.age(Instant.ofEpochMilli(s.openedMillis()), Instant.now()));
        }
        return table;
    }

    private static String human(long bytes) {
        return new ByteSize(bytes).toHuman();
    }

    /** A phase as Kubernetes spells it: NOT_READY is NotReady. */
    static String word(@Nullable Enum<?> phase) {
        if (phase == null || phase.name().equals("DEFAULT")) {
            return "";
        }
        StringBuilder b = new StringBuilder();
        for (String part : phase.name().split("_", -1)) {
            b.append(part.charAt(0)).append(part.substring(1).toLowerCase(Locale.ROOT));
        }
        return b.toString();
    }
}
