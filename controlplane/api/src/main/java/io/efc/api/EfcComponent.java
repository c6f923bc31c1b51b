package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Min;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A master or worker of an EFCRuntime. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class EfcComponent {
    /** How many of them. */
    @Min(1)
    private @Nullable Integer replicas;

    /** Their image. */
    private @Nullable VersionSpec version;

    /** Options of the process. */
    private @Nullable Map<String, String> properties;

    /** Ports by name. */
    private @Nullable Map<String, Integer> ports;

    /** Requests and limits of their pods. */
    private @Nullable ResourceRequirements resources;

    /** None of them. */
    @Default("false")
    private @Nullable Boolean disabled;

    /** Labels of the nodes they may run on. */
    private @Nullable Map<String, String> nodeSelector;

    /** Their network. */
    private @Nullable NetworkMode networkMode;

    /** Labels and annotations of their pods. */
    private @Nullable PodMetadata podMetadata;

    public @Nullable Integer getReplicas() {
        return replicas;
    }

    public void setReplicas(@Nullable Integer replicas) {
        this.replicas = replicas;
    }

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

    public @Nullable Map<String, Integer> getPorts() {
        return ports;
    }

    public void setPorts(@Nullable Map<String, Integer> ports) {
        this.ports = ports;
    }

    public @Nullable ResourceRequirements getResources() {
        return resources;
    }

    public void setResources(@Nullable ResourceRequirements resources) {
        this.resources = resources;
    }

    public @Nullable Boolean getDisabled() {
        return disabled;
    }

    public void setDisabled(@Nullable Boolean disabled) {
        this.disabled = disabled;
    }

    public @Nullable Map<String, String> getNodeSelector() {
        return nodeSelector;
    }

    public void setNodeSelector(@Nullable Map<String, String> nodeSelector) {
        this.nodeSelector = nodeSelector;
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
