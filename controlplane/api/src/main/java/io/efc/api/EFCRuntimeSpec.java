package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;
import org.jspecify.annotations.Nullable;

/** What an EFCRuntime shall be. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class EFCRuntimeSpec {
    /** Its masters. */
    private @Nullable EfcComponent master;

    /** Its workers. */
    private @Nullable EfcComponent worker;

    /** The container that prepares a node. */
    private @Nullable InitFuse initFuse;

    /** Its FUSE clients. */
    private @Nullable EfcFuse fuse;

    /** What each worker lends. */
    private @Nullable TieredStore tieredstore;

    /** How many workers, unless {@code worker.replicas} says it. */
    @Min(0)
    @SpecReplicas
    private @Nullable Integer replicas;

    /** Tuning of the nodes. */
    private @Nullable OsAdvise osAdvise;

    /** How the cache is removed. */
    private @Nullable CleanCachePolicy cleanCachePolicy;

    /** Labels and annotations of all its pods. */
    private @Nullable PodMetadata podMetadata;

    public @Nullable EfcComponent getMaster() {
        return master;
    }

    public void setMaster(@Nullable EfcComponent master) {
        this.master = master;
    }

    public @Nullable EfcComponent getWorker() {
        return worker;
    }

    public void setWorker(@Nullable EfcComponent worker) {
        this.worker = worker;
    }

    public @Nullable InitFuse getInitFuse() {
        return initFuse;
    }

    public void setInitFuse(@Nullable InitFuse initFuse) {
        this.initFuse = initFuse;
    }

    public @Nullable EfcFuse getFuse() {
        return fuse;
    }

    public void setFuse(@Nullable EfcFuse fuse) {
        this.fuse = fuse;
    }

    public @Nullable TieredStore getTieredstore() {
        return tieredstore;
    }

    public void setTieredstore(@Nullable TieredStore tieredstore) {
        this.tieredstore = tieredstore;
    }

    public @Nullable Integer getReplicas() {
        return replicas;
    }

    public void setReplicas(@Nullable Integer replicas) {
        this.replicas = replicas;
    }

    public @Nullable OsAdvise getOsAdvise() {
        return osAdvise;
    }

    public void setOsAdvise(@Nullable OsAdvise osAdvise) {
        this.osAdvise = osAdvise;
    }

    public @Nullable CleanCachePolicy getCleanCachePolicy() {
        return cleanCachePolicy;
    }

    public void setCleanCachePolicy(@Nullable CleanCachePolicy cleanCachePolicy) {
        this.cleanCachePolicy = cleanCachePolicy;
    }

    public @Nullable PodMetadata getPodMetadata() {
        return podMetadata;
    }

    public void setPodMetadata(@Nullable PodMetadata podMetadata) {
        this.podMetadata = podMetadata;
    }
}
