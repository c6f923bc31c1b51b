package io.efc.api.internal;

import io.efc.api.Dataset;
import io.efc.api.EFCRuntime;
import io.efc.api.EfcComponent;
import io.efc.api.Level;
import io.efc.api.Mount;
import io.efc.api.TieredStore;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The rules that concern more than one field, or that Fluid's controllers check instead of its CustomResourceDefinitions. */
final class Rules {
    /** RFC 1035 label, as Kubernetes restricts it. Fluid derives Service names from a dataset's. */
    private static final Pattern DNS_1035 = Pattern.compile("[a-z]([-a-z0-9]{0,61}[a-z0-9])?");

    private static final Pattern DNS_1123 = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    private static final Pattern MOUNT_POINT = Pattern.compile("[a-z][a-z0-9+.-]*://.+");

    private final Problems problems;

    private Rules(Problems problems) {
        this.problems = problems;
    }

    static void check(HasMetadata resource, Problems problems) {
        Rules rules = new Rules(problems);
        rules.metadata(resource.getMetadata());
        switch (resource) {
            case Dataset d when d.getSpec() != null -> rules.mounts(d.getSpec().getMounts());
            case EFCRuntime r
            when r.getSpec() != null -> {
                rules.masters(r.getSpec().getMaster());
                rules.tiers(r.getSpec().getTieredstore());
            }
            default -> {
                // A resource without a spec has nothing more to check.
            }
        }
    }

    private void metadata(@Nullable ObjectMeta metadata) {
        String name = metadata == null ? null : metadata.getName();
        if (name == null) {
            problems.add(
                    "metadata.name",
                    "is missing; accepted: lower-case letters, digits and '-', a letter first, at most 63");
        } else if (!DNS_1035.matcher(name).matches()) {
            problems.add(
                    "metadata.name",
                    "'" + name
                            + "' is no DNS-1035 label; accepted: lower-case letters, digits and '-', a letter first, no '-' last,"
                            + " at most 63");
        }
        String namespace = metadata == null ? null : metadata.getNamespace();
        if (namespace != null && !DNS_1123.matcher(namespace).matches()) {
            problems.add(
                    "metadata.namespace",
                    "'" + namespace
                            + "' is no DNS-1123 label; accepted: lower-case letters, digits and '-', at most 63");
        }
    }

    private void mounts(@Nullable List<Mount> mounts) {
        Map<String, String> names = new HashMap<>();
        Map<String, String> paths = new HashMap<>();
        for (int i = 0; mounts != null && i < mounts.size(); i++) {
            Mount mount = mounts.get(i);
            String at = "spec.mounts[" + i + "]";
            String point = Objects.requireNonNullElse(mount.getMountPoint(), "");
            if (!MOUNT_POINT.matcher(point).matches()) {
                problems.add(
                        at + ".mountPoint",
                        "'" + point
                                + "' has no scheme; accepted: nfs://host:/path, local:///path, pvc://claim, s3://bucket and the like");
            }
            unique(names, mount.getName(), at + ".name");
            String path = mount.getPath();
            if (path != null
                    && (!path.startsWith("/") || List.of(path.split("/")).contains(".."))) {
                problems.add(
                        at + ".path",
                        "'" + path + "' is no path in the dataset; accepted: an absolute path without '..'");
            }
            unique(paths, path, at + ".path");
        }
    }

    private void unique(Map<String, String> seen, @Nullable String value, String path) {
        String first = value == null ? null : seen.putIfAbsent(value, path);
        if (first != null) {
            problems.add(path, "'" + value + "' is that of " + first + " too; accepted: one of its own for each mount");
        }
    }

    /** A majority of the masters has to live: of 2 that is both. */
    private void masters(@Nullable EfcComponent master) {
        int count = master == null ? 1 : Objects.requireNonNullElse(master.getReplicas(), 1);
        if (count == 2) {
            problems.add(
                    "spec.master.replicas",
                    "2 masters survive no more failures than 1, they stop when either fails; accepted: 1 or 3");
        } else if (count != 1 && count != 3) {
            problems.add("spec.master.replicas", count + " is no number of masters; accepted: 1 or 3");
        }
    }

    private void tiers(@Nullable TieredStore store) {
        List<Level> levels = store == null ? null : store.getLevels();
        for (int i = 0; levels != null && i < levels.size(); i++) {
            tier(levels.get(i), "spec.tieredstore.levels[" + i + "]");
        }
    }

    private void tier(Level level, String at) {
        Quantity quota = level.getQuota();
        String quotaList = level.getQuotaList();
        String path = level.getPath();
        if (quota != null && quotaList != null) {
            problems.add(
                    at + ".quotaList",
                    "'" + quotaList + "' stands beside quota '" + quota + "'; accepted: one of the two");
        }
        if (quota != null && quota.getNumericalAmount().signum() == 0) {
            problems.add(at + ".quota", "'" + quota + "' leaves no room; accepted: " + ScalarReader.QUANTITY_WORDS);
        }
        if (quotaList != null && path != null && quotaList.split(",").length != path.split(",").length) {
            problems.add(
                    at + ".quotaList",
                    "'" + quotaList + "' has " + quotaList.split(",").length + " quotas for " + path.split(",").length
                            + " paths; accepted: one for each path");
        }
        double high = level.getHigh() == null ? 1 : Double.parseDouble(level.getHigh());
        double low = level.getLow() == null ? 0 : Double.parseDouble(level.getLow());
        if (low >= high) {
            problems.add(
                    level.getLow() == null ? at + ".high" : at + ".low",
                    "low " + low + " is not below high " + high + "; accepted: 0 <= low < high <= 1");
        }
    }
}
