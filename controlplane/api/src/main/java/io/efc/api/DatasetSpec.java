package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a dataset shall be. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class DatasetSpec {
    /** Its stores; at least one if the field is there. */
    @Size(min = 1)
    private @Nullable List<Mount> mounts;

    /** To whom its files belong. */
    private @Nullable Owner owner;

    /** Which nodes may lend memory to it. */
    private @Nullable CacheableNodeAffinity nodeAffinity;

    /** Taints its pods put up with. */
    private @Nullable List<Toleration> tolerations;

    /** Access modes of its volume; {@code ReadOnlyMany} unless given. */
    private @Nullable List<AccessMode> accessModes;

    /** Runtimes that shall serve it. */
    private @Nullable List<DatasetRuntime> runtimes;

    /** Whether its workers share nodes with other datasets'. */
    private @Nullable Placement placement;

    /** A backup to start from. */
    private @Nullable DataRestoreLocation dataRestoreLocation;

    /** Options of all mounts; a mount's own win. */
    private @Nullable Map<String, String> sharedOptions;

    /** Options of all mounts whose values are in Secrets. */
    private @Nullable List<EncryptOption> sharedEncryptOptions;

    public @Nullable List<Mount> getMounts() {
        return mounts;
    }

    public void setMounts(@Nullable List<Mount> mounts) {
        this.mounts = mounts;
    }

    public @Nullable Owner getOwner() {
        return owner;
    }

    public void setOwner(@Nullable Owner owner) {
        this.owner = owner;
    }

    public @Nullable CacheableNodeAffinity getNodeAffinity() {
        return nodeAffinity;
    }

    public void setNodeAffinity(@Nullable CacheableNodeAffinity nodeAffinity) {
        this.nodeAffinity = nodeAffinity;
    }

    public @Nullable List<Toleration> getTolerations() {
        return tolerations;
    }

    public void setTolerations(@Nullable List<Toleration> tolerations) {
        this.tolerations = tolerations;
    }

    public @Nullable List<AccessMode> getAccessModes() {
        return accessModes;
    }

    public void setAccessModes(@Nullable List<AccessMode> accessModes) {
        this.accessModes = accessModes;
    }

    public @Nullable List<DatasetRuntime> getRuntimes() {
        return runtimes;
    }

    public void setRuntimes(@Nullable List<DatasetRuntime> runtimes) {
        this.runtimes = runtimes;
    }

    public @Nullable Placement getPlacement() {
        return placement;
    }

    public void setPlacement(@Nullable Placement placement) {
        this.placement = placement;
    }

    public @Nullable DataRestoreLocation getDataRestoreLocation() {
        return dataRestoreLocation;
    }

    public void setDataRestoreLocation(@Nullable DataRestoreLocation dataRestoreLocation) {
        this.dataRestoreLocation = dataRestoreLocation;
    }

    public @Nullable Map<String, String> getSharedOptions() {
        return sharedOptions;
    }

    public void setSharedOptions(@Nullable Map<String, String> sharedOptions) {
        this.sharedOptions = sharedOptions;
    }

    public @Nullable List<EncryptOption> getSharedEncryptOptions() {
        return sharedEncryptOptions;
    }

    public void setSharedEncryptOptions(@Nullable List<EncryptOption> sharedEncryptOptions) {
        this.sharedEncryptOptions = sharedEncryptOptions;
    }
}
