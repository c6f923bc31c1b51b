package io.efc.cli.internal;

import io.efc.api.Dataset;
import io.efc.api.EFCRuntime;
import io.efc.api.EFCRuntimeSpec;
import io.efc.api.EfcComponent;
import io.efc.api.EfcFuse;
import io.efc.api.Level;
import io.efc.api.Manifest;
import io.efc.api.ManifestException;
import io.efc.api.Manifests;
import io.efc.api.MediumType;
import io.efc.api.Mount;
import io.efc.base.ByteSize;
import io.efc.base.Durations;
import io.efc.client.ClientConfig;
import io.efc.store.StoreConfig;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What {@code efc up} will run: a Dataset and its EFCRuntime, checked for what one machine can do with them.
 *
 * @param dataset with the place of each field, for later refusals
 * @param runtime of the same name
 * @param store the dataset's store
 * @param masters 1 or 3
 * @param workers how many, each on a node of its own
 * @param tiers what each worker lends, fastest first
 * @param consistency of the mounts: what {@code spec.fuse.properties} of the runtime says, else strong
 */
record Blueprint(
        Manifest<Dataset> dataset,
        Manifest<EFCRuntime> runtime,
        StoreConfig store,
        int masters,
        int workers,
        List<Tier> tiers,
        ClientConfig.Consistency consistency) {
    /** The port of the quickstart's NFS server. */
    static final int NFS_PORT = 12049;

    /** How the names of tier directories begin. */
    static final String TIER_PREFIX = "efc-";

    /** Kept below what one machine can hold as JVMs. */
    private static final int WORKERS_MAX = 64;

    private static final long TIER_BYTES_MIN = 64L << 20;

    /**
     * One tier of a worker.
     *
     * @param parent the directory that the manifest names, in which each worker makes its own
     * @param quota bytes
     */
    record Tier(MediumType medium, Path parent, long quota, double high, double low) {}

    /** The manifests of {@code efc up} without a file, which are those of examples/quickstart.yaml. */
    static final String QUICKSTART = """
            apiVersion: data.fluid.io/v1alpha1
            kind: Dataset
            metadata: {name: efc-demo}
            spec:
              placement: Shared
              mounts:
                - {mountPoint: "nfs://127.0.0.1:/export", name: efc, path: "/", options: {port: "12049", nconnect: "4"}}
            ---
            apiVersion: data.fluid.io/v1alpha1
            kind: EFCRuntime
            metadata: {name: efc-demo}
            spec:
              replicas: 3
              master: {networkMode: ContainerNetwork}
              worker: {networkMode: ContainerNetwork}
              fuse: {networkMode: ContainerNetwork}
              tieredstore: {levels: [{mediumtype: MEM, path: /dev/shm, quota: 2Gi}]}
            """;

    /** Reads and checks a file, its tiers against the room that this machine has. */
    static Blueprint load(Path file) {
        return read(file, true);
    }

    /** The file of what already runs, whose tiers have taken their room. */
    static Blueprint running(Path file) {
        return read(file, false);
    }

    private static Blueprint read(Path file, boolean checkRoom) {
        try {
            return of(Manifests.load(file), checkRoom);
        } catch (NoSuchFileException e) {
            throw new Failure(
                    "there is no file " + file + "; accepted: a YAML file with a Dataset and an EFCRuntime, such as"
                            + " examples/quickstart.yaml",
                    e);
        } catch (IOException e) {
            throw new Failure("the file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Checks manifests; {@code checkRoom} also against the room that is free now. */
    static Blueprint of(Manifests manifests, boolean checkRoom) {
        Manifest<Dataset> dataset = only(manifests, manifests.of(Dataset.class), "Dataset");
        Manifest<EFCRuntime> runtime = only(manifests, manifests.of(EFCRuntime.class), "EFCRuntime");
        String name = dataset.resource().getMetadata().getName();
        String other = runtime.resource().getMetadata().getName();
        if (!name.equals(other)) {
            throw runtime.refuse(
                    "metadata.name", "'" + other + "' is not the Dataset's name; accepted: '" + name + "'");
        }
        StoreConfig store = store(dataset);
        int workers = workers(runtime);
        return new Blueprint(
                dataset,
                runtime,
                store,
                masters(runtime),
                workers,
                tiers(runtime, workers, checkRoom),
                consistency(runtime));
    }

    String name() {
        return dataset.resource().getMetadata().getName();
    }

    String namespace() {
        return Objects.requireNonNullElse(dataset.resource().getMetadata().getNamespace(), "default");
    }

    /** Where an NFS store's server listens, or null for another kind of store. */
    @Nullable
    NfsPlace nfs() {
        return NfsPlace.of(store);
    }

    private static <T extends io.fabric8.kubernetes.api.model.HasMetadata> Manifest<T> only(
            Manifests manifests, List<Manifest<T>> found, String kind) {
        Manifest<?> any = manifests.all().getFirst();
        if (found.isEmpty()) {
            throw any.refuse("kind", "there is no " + kind + " in the file; accepted: one Dataset and one EFCRuntime");
        }
        if (found.size() > 1) {
            throw found.get(1)
                    .refuse("kind", "'" + kind + "' is there a second time; accepted: one Dataset and one EFCRuntime");
        }
        return found.getFirst();
    }

    private static StoreConfig store(Manifest<Dataset> dataset) {
        var spec = dataset.resource().getSpec();
        List<Mount> mounts = spec == null ? null : spec.getMounts();
        if (mounts == null) {
            throw dataset.refuse("spec.mounts", "is missing; accepted: a list with one mount");
        }
        if (mounts.size() > 1) {
            throw dataset.refuse("spec.mounts[1]", "is a second mount; accepted in standalone mode: one");
        }
        Mount mount = mounts.getFirst();
        String point = Objects.requireNonNull(mount.getMountPoint());
        if (!point.startsWith("nfs://") && !point.startsWith("local://")) {
            throw dataset.refuse(
                    "spec.mounts[0].mountPoint",
                    "the store '" + point + "' is not supported; accepted: nfs://host:/path, local:///path");
        }
        if (mount.getEncryptOptions() != null || spec.getSharedEncryptOptions() != null) {
            throw dataset.refuse(
                    mount.getEncryptOptions() != null ? "spec.mounts[0].encryptOptions" : "spec.sharedEncryptOptions",
                    "there are no Secrets in standalone mode; accepted: options");
        }
        Map<String, String> options = new HashMap<>();
        if (spec.getSharedOptions() != null) {
            options.putAll(spec.getSharedOptions());
        }
        if (mount.getOptions() != null) {
            options.putAll(mount.getOptions());
        }
        return new StoreConfig(point, options, Boolean.TRUE.equals(mount.getReadOnly()));
    }

    private static ClientConfig.Consistency consistency(Manifest<EFCRuntime> manifest) {
        EFCRuntimeSpec spec = manifest.resource().getSpec();
        EfcFuse fuse = spec == null ? null : spec.getFuse();
        Map<String, String> properties = fuse == null ? null : fuse.getProperties();
        if (properties == null) {
            return ClientConfig.Strong.DEFAULT;
        }
        String field = "ufsCheckInterval";
        try {
            String interval = properties.get(field);
            Duration check =
                    interval == null ? ClientConfig.Strong.DEFAULT.ufsCheckInterval() : Durations.parse(interval);
            ClientConfig.Strong strong = new ClientConfig.Strong(check);
            field = "consistency";
            return ClientConfig.Consistency.parse(properties.getOrDefault(field, "strong"), strong.ufsCheckInterval());
        } catch (IllegalArgumentException e) {
            throw manifest.refuse("spec.fuse.properties." + field, String.valueOf(e.getMessage()));
        }
    }

    private static int masters(Manifest<EFCRuntime> manifest) {
        EFCRuntimeSpec spec = manifest.resource().getSpec();
        EfcComponent master = spec == null ? null : spec.getMaster();
        return master == null ? 1 : Objects.requireNonNullElse(master.getReplicas(), 1);
    }

    private static int workers(Manifest<EFCRuntime> manifest) {
        EFCRuntimeSpec spec = manifest.resource().getSpec();
        EfcComponent worker = spec == null ? null : spec.getWorker();
        if (worker != null && Boolean.TRUE.equals(worker.getDisabled())) {
            return 0;
        }
        String path = worker != null && worker.getReplicas() != null ? "spec.worker.replicas" : "spec.replicas";
        Integer given = worker != null && worker.getReplicas() != null
                ? worker.getReplicas()
                : spec == null ? null : spec.getReplicas();
        int workers = Objects.requireNonNullElse(given, 1);
        if (workers > WORKERS_MAX) {
            throw manifest.refuse(path, workers + " is too many for one machine; accepted: 0 to " + WORKERS_MAX);
        }
        return workers;
    }

    private static List<Tier> tiers(Manifest<EFCRuntime> manifest, int workers, boolean checkRoom) {
        EFCRuntimeSpec spec = manifest.resource().getSpec();
        var store = spec == null ? null : spec.getTieredstore();
        List<Level> levels = store == null ? null : store.getLevels();
        if (levels == null || levels.isEmpty()) {
            return List.of(new Tier(MediumType.MEM, Path.of("/dev/shm"), 1L << 30, 0.95, 0.9));
        }
        List<Tier> tiers = new ArrayList<>();
        Map<String, Integer> lines = new LinkedHashMap<>();
        for (int i = 0; i < levels.size(); i++) {
            String at = "spec.tieredstore.levels[" + i + "]";
            Level level = levels.get(i);
            List<Path> paths = paths(manifest, level, at);
            List<Long> quotas = quotas(manifest, level, paths.size(), at);
            double high = level.getHigh() == null ? 0.95 : Double.parseDouble(level.getHigh());
            double low = level.getLow() == null ? Math.min(0.9, 0.95 * high) : Double.parseDouble(level.getLow());
            for (int p = 0; p < paths.size(); p++) {
                Tier tier =
                        new Tier(Objects.requireNonNull(level.getMediumtype()), paths.get(p), quotas.get(p), high, low);
                String field = at + (level.getQuotaList() != null ? ".quotaList" : ".quota");
                if (checkRoom) {
                    fits(manifest, tier, workers, field);
                }
                if (lines.putIfAbsent(tier.parent().toString(), i) != null) {
                    throw manifest.refuse(
                            at + ".path", "'" + tier.parent() + "' is named twice; accepted: each directory once");
                }
                tiers.add(tier);
            }
        }
        return List.copyOf(tiers);
    }

    private static List<Path> paths(Manifest<EFCRuntime> manifest, Level level, String at) {
        List<Path> paths = new ArrayList<>();
        for (String text :
                Objects.requireNonNullElse(level.getPath(), "/dev/shm").split(",", -1)) {
            Path path = Path.of(text.strip());
            if (!path.isAbsolute() || !Files.isDirectory(path)) {
                throw manifest.refuse(
                        at + ".path",
                        "'" + text + "' is no directory of this machine; accepted: an existing"
                                + " directory's absolute path, such as /dev/shm");
            }
            paths.add(path.normalize());
        }
        return paths;
    }

    /** The bytes of each path: a quota is for all paths of its level together. */
    private static List<Long> quotas(Manifest<EFCRuntime> manifest, Level level, int paths, String at) {
        List<Long> quotas = new ArrayList<>();
        if (level.getQuotaList() != null) {
            for (String text : level.getQuotaList().split(",", -1)) {
                quotas.add(ByteSize.parse(text).bytes());
            }
        } else {
            long bytes = level.getQuota() == null
                    ? 1L << 30
                    : level.getQuota().getNumericalAmount().longValue();
            for (int i = 0; i < paths; i++) {
                quotas.add(bytes / paths);
            }
        }
        for (long bytes : quotas) {
            if (bytes < TIER_BYTES_MIN) {
                throw manifest.refuse(
                        at + (level.getQuotaList() != null ? ".quotaList" : ".quota"),
                        "leaves " + new ByteSize(bytes).toHuman() + " for a directory; accepted: at least "
                                + new ByteSize(TIER_BYTES_MIN).toHuman());
            }
        }
        return quotas;
    }

    private static void fits(Manifest<EFCRuntime> manifest, Tier tier, int workers, String field) {
        try {
            FileStore files = Files.getFileStore(tier.parent());
            long wanted = Math.multiplyExact(tier.quota(), Math.max(workers, 1));
            if (wanted > files.getUsableSpace()) {
                throw manifest.refuse(
                        field,
                        new ByteSize(tier.quota()).toHuman() + " for each of " + workers + " workers is more than the "
                                + new ByteSize(files.getUsableSpace()).toHuman() + " that are free in " + tier.parent()
                                + "; accepted: at most "
                                + new ByteSize(files.getUsableSpace() / Math.max(workers, 1)).toHuman());
            }
        } catch (IOException e) {
            throw new Failure("the tier directory " + tier.parent() + " cannot be looked at: " + e.getMessage(), e);
        } catch (ArithmeticException e) {
            throw new ManifestException(manifest.refuse(
                            field,
                            tier.quota() + " bytes for each of " + workers + " workers are no number; accepted: less")
                    .problems());
        }
    }
}
