package io.efc.cli.internal;

import io.efc.api.CacheStates;
import io.efc.api.Dataset;
import io.efc.api.DatasetCondition;
import io.efc.api.DatasetPhase;
import io.efc.api.DatasetRuntime;
import io.efc.api.DatasetStatus;
import io.efc.api.EFCRuntime;
import io.efc.api.RuntimeCategory;
import io.efc.api.RuntimePhase;
import io.efc.api.RuntimeStatus;
import io.efc.base.ByteSize;
import io.efc.rpc.ClusterStatus;
import io.efc.rpc.MasterStub;
import io.efc.rpc.RpcException;
import io.efc.rpc.SessionFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What is running, as the resources that Kubernetes would show: the manifests that were given, with the status that the records and the
 * master tell.
 *
 * @param records of all processes
 * @param masters what each does
 * @param cluster what the master says
 * @param ufsFiles files in the stores; -1 until counted
 * @param ufsBytes bytes in the stores; -1 until counted
 */
record ClusterReport(
        Blueprint blueprint,
        List<ProcessRecord> records,
        Masters masters,
        ClusterStatus cluster,
        Instant created,
        long ufsFiles,
        long ufsBytes) {
    /** Longer than it takes three masters to find a leader. */
    private static final Duration ASK_LIMIT = Duration.ofSeconds(5);

    /** For a master that cannot lead, or is gone: for its last word. */
    private static final Duration LOST_LIMIT = Duration.ofMillis(500);

    private static final String CALCULATING = "[Calculating]";

    /** Looks at what the run directory's records name and asks the master. */
    static ClusterReport of(RunDirectory run) {
        List<ProcessRecord> records = run.processes();
        Masters masters = Masters.of(run, records);
        Blueprint blueprint = Blueprint.running(run.manifest());
        try {
            ClusterStatus status = MasterStub.status(
                    masters.address(),
                    Secrets.read(run.secret()),
                    StoreOptions.number(blueprint.namespace() + "/" + blueprint.name()),
                    masters.haveMajority() ? ASK_LIMIT : LOST_LIMIT);
            return new ClusterReport(
                    blueprint,
                    records,
                    masters,
                    status,
                    Files.getLastModifiedTime(run.manifest()).toInstant(),
                    files(masters),
                    status.ufsTotalBytes());
        } catch (RpcException e) {
            throw masters.unanswered(run, e);
        } catch (IOException e) {
            throw new Failure("the file " + run.manifest() + " cannot be looked at: " + e.getMessage(), e);
        }
    }

    /** As the leader has counted them. */
    private static long files(Masters masters) {
        try {
            return masters.leader().isEmpty()
                    ? -1
                    : (long) Scrape.of(masters.leader().get().record().metricsPort())
                            .sum("efc_dataset_ufs_files");
        } catch (IOException e) {
            return -1;
        }
    }

    /** The Dataset with its status. */
    Dataset dataset() {
        Dataset dataset = blueprint.dataset().resource();
        dataset.getMetadata().setNamespace(blueprint.namespace());
        dataset.getMetadata()
                .setCreationTimestamp(created.truncatedTo(ChronoUnit.SECONDS).toString());
        boolean ready = masters.haveMajority();
        DatasetStatus status = new DatasetStatus();
        status.setMounts(dataset.getSpec().getMounts());
        status.setPhase(ready ? DatasetPhase.BOUND : DatasetPhase.FAILED);
        status.setUfsTotal(ufsBytes < 0 ? CALCULATING : new ByteSize(ufsBytes).toHuman());
        status.setFileNum(ufsFiles < 0 ? CALCULATING : Long.toString(ufsFiles));
        status.setCacheStates(cacheStates());
        DatasetRuntime runtime = new DatasetRuntime();
        runtime.setName(blueprint.name());
        runtime.setNamespace(blueprint.namespace());
        runtime.setCategory(RuntimeCategory.ACCELERATE);
        runtime.setType("efc");
        runtime.setMasterReplicas(blueprint.masters());
        status.setRuntimes(List.of(runtime));
        status.setConditions(List.of(condition(ready)));
        dataset.setStatus(status);
        return dataset;
    }

    private DatasetCondition condition(boolean ready) {
        DatasetCondition condition = new DatasetCondition();
        condition.setType(ready ? "Ready" : "NotReady");
        condition.setStatus("True");
        condition.setReason(ready ? "DatasetReady" : "DatasetFailed");
        String several = blueprint.masters() == 1 ? "" : " " + masters + ".";
        condition.setMessage((ready ? "The dataset can be used." : "The master has died.") + several);
        condition.setLastTransitionTime(created.truncatedTo(ChronoUnit.SECONDS).toString());
        return condition;
    }

    private Map<String, String> cacheStates() {
        long cached = cluster.cachedBytes();
        SessionFigures read = cluster.read();
        long hits = read.localBytes() + read.remoteBytes();
        long all = hits + read.storeBytes() + read.unavailableBytes();
        Map<String, String> states = new LinkedHashMap<>();
        states.put(CacheStates.CACHED, new ByteSize(cached).toHuman());
        states.put(CacheStates.CACHE_CAPACITY, new ByteSize(cluster.capacityBytes()).toHuman());
        states.put(CacheStates.CACHED_PERCENTAGE, percent(cached, ufsBytes));
        states.put(CacheStates.CACHE_HIT_RATIO, percent(hits, all));
        states.put(CacheStates.LOCAL_HIT_RATIO, percent(read.localBytes(), all));
        states.put(CacheStates.REMOTE_HIT_RATIO, percent(read.remoteBytes(), all));
        return states;
    }

    private static String percent(long part, long whole) {
        return whole <= 0 ? "0.0%" : String.format(Locale.ROOT, "%.1f%%", 100.0 * Math.min(part, whole) / whole);
    }

    /** The EFCRuntime with its status. */
    EFCRuntime runtime() {
        EFCRuntime runtime = blueprint.runtime().resource();
        runtime.getMetadata().setNamespace(blueprint.namespace());
        runtime.getMetadata()
                .setCreationTimestamp(created.truncatedTo(ChronoUnit.SECONDS).toString());
        RuntimeStatus status = new RuntimeStatus();
        int fuses = count("client");
        status.setMasterPhase(phase(masters.ready(), blueprint.masters()));
        status.setMasterReason(blueprint.masters() == 1 ? null : masters.toString());
        status.setDesiredMasterNumberScheduled(blueprint.masters());
        status.setCurrentMasterNumberScheduled(masters.all().size());
        status.setMasterNumberReady(masters.ready());
        status.setWorkerPhase(phase(ready("worker"), blueprint.workers()));
        status.setDesiredWorkerNumberScheduled(blueprint.workers());
        status.setCurrentWorkerNumberScheduled(count("worker"));
        status.setWorkerNumberReady(cluster.workers().size());
        status.setWorkerNumberAvailable(cluster.workers().size());
        status.setWorkerNumberUnavailable(
                blueprint.workers() - cluster.workers().size());
        status.setFusePhase(phase(ready("client"), fuses));
        status.setDesiredFuseNumberScheduled(fuses);
        status.setCurrentFuseNumberScheduled(fuses);
        status.setFuseNumberReady(ready("client"));
        status.setFuseNumberAvailable(ready("client"));
        status.setFuseNumberUnavailable(fuses - ready("client"));
        status.setCacheStates(cacheStates());
        status.setMounts(blueprint.dataset().resource().getSpec().getMounts());
        runtime.setStatus(status);
        return runtime;
    }

    private int count(String component) {
        return of(component).size();
    }

    private int ready(String component) {
        return (int) of(component).stream().filter(ProcessRecord::isAlive).count();
    }

    private static RuntimePhase phase(int ready, int wanted) {
        if (wanted == 0) {
            return RuntimePhase.DEFAULT;
        }
        return ready >= wanted ? RuntimePhase.READY : ready == 0 ? RuntimePhase.NOT_READY : RuntimePhase.PARTIAL_READY;
    }

    /** The records of one component, in the order of their start. A mount without a cluster is not the dataset's. */
    List<ProcessRecord> of(String component) {
        return records.stream()
                .filter(r -> r.component().equals(component) && !r.node().equals("local"))
                .toList();
    }

    /** How long ago, as kubectl writes it: the two largest units, one from a day on. */
    static String age(Instant since, Instant now) {
        long s = Math.max(0, Duration.between(since, now).toSeconds());
        if (s < 120) {
            return s + "s";
        }
        if (s < 600) {
            return s / 60 + "m" + (s % 60 == 0 ? "" : s % 60 + "s");
        }
        if (s < 3 * 3600) {
            return s / 60 + "m";
        }
        if (s < 8 * 3600) {
            return s / 3600 + "h" + (s / 60 % 60 == 0 ? "" : s / 60 % 60 + "m");
        }
        if (s < 48 * 3600) {
            return s / 3600 + "h";
        }
        return s / 86400 + "d";
    }
}
