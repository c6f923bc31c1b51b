package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The FUSE client of an EFCRuntime, one on each node that uses the dataset. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class EfcFuse {
    /** Its image. */
    private @Nullable VersionSpec version;

    /** Options of the process. */
    private @Nullable Map<String, String> properties;

    /** Requests and limits of its pods. */
    private @Nullable ResourceRequirements resources;

    /** Labels of the nodes it may run on. */
    private @Nullable Map<String, String> nodeSelector;

    /** When it is removed. */
    private @Nullable FuseCleanPolicy cleanPolicy;

    /** Its network. */
    private @Nullable NetworkMode networkMode;

    /** Labels and annotations of its pods. */
    private @Nullable PodMetadata podMetadata;

    public @Nullable VersionSpec getVersion() {
        return version;
    }

    public void setVersion(@Nullable VersionSpec version) {
        this.version = version;
    }

    public @Nullable Map<String, String> getProperties() {
        return properties;
    }

    public void setProperties(@Nullable Map<String, String> properties) {
        this.properties = properties;
    }

    public @Nullable ResourceRequirements getResources() {
        return resources;
    }

    public void setResources(@Nullable ResourceRequirements resources) {
        this.resources = resources;
    }

    public @Nullable Map<String, String> getNodeSelector() {
        return nodeSelector;
    }

    public void setNodeSelector(@Nullable Map<String, String> nodeSelector) {
        this.nodeSelector = nodeSelector;
    }

    public @Nullable FuseCleanPolicy getCleanPolicy() {
        return cleanPolicy;
    }

    public void setCleanPolicy(@Nullable FuseCleanPolicy cleanPolicy) {
        this.cleanPolicy = cleanPolicy;
    }

    public @Nullable NetworkMode getNetworkMode() {
        return networkMode;
    }

    public void setNetworkMode(@Nullable NetworkMode networkMode) {
        this.networkMode = networkMode;
    }

    public @Nullable PodMetadata getPodMetadata() {
        return podMetadata;
    }

    public void setPodMetadata(@Nullable PodMetadata podMetadata) {
        this.podMetadata = podMetadata;
    }
}
