package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.NodeAffinity;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a runtime is at present; shared by all kinds of runtime. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class RuntimeStatus {
    /** The ConfigMap with the values it was set up from. */
    private @Nullable String valueFile;

    /** Where its masters stand. */
    private @Nullable RuntimePhase masterPhase;

    /** Why they stand there. */
    private @Nullable String masterReason;

    /** Masters wanted. */
    private @Nullable Integer desiredMasterNumberScheduled;

    /** Masters there are. */
    private @Nullable Integer currentMasterNumberScheduled;

    /** Masters that are ready. */
    private @Nullable Integer masterNumberReady;

    /** Where its workers stand. */
    private @Nullable RuntimePhase workerPhase;

    /** Why they stand there. */
    private @Nullable String workerReason;

    /** Workers wanted. */
    private @Nullable Integer desiredWorkerNumberScheduled;

    /** Workers there are. */
    @StatusReplicas
    private @Nullable Integer currentWorkerNumberScheduled;

    /** Workers that are ready. */
    private @Nullable Integer workerNumberReady;

    /** Workers that are available. */
    private @Nullable Integer workerNumberAvailable;

    /** Workers that are not available. */
    private @Nullable Integer workerNumberUnavailable;

    /** Where its fuses stand. */
    private @Nullable RuntimePhase fusePhase;

    /** Why they stand there. */
    private @Nullable String fuseReason;

    /** Fuses wanted. */
    private @Nullable Integer desiredFuseNumberScheduled;

    /** Fuses there are. */
    private @Nullable Integer currentFuseNumberScheduled;

    /** Fuses that are ready. */
    private @Nullable Integer fuseNumberReady;

    /** Fuses that are available. */
    private @Nullable Integer fuseNumberAvailable;

    /** Fuses that are not available. */
    private @Nullable Integer fuseNumberUnavailable;

    /** How long the set-up took. */
    private @Nullable String setupDuration;

    /** Facts about it. */
    private @Nullable List<RuntimeCondition> conditions;

    /** The same keys as a dataset's. */
    private @Nullable Map<String, String> cacheStates;

    /** The label selector of its workers. */
    private @Nullable String selector;

    /** The engine's own interface. */
    private @Nullable ApiGatewayStatus apiGateway;

    /** When its stores were last mounted, RFC 3339. */
    private @Nullable String mountTime;

    /** The stores that are mounted. */
    private @Nullable List<Mount> mounts;

    /** The nodes that hold its cache. */
    private @Nullable NodeAffinity cacheAffinity;

    public @Nullable String getValueFile() {
        return valueFile;
    }

    public void setValueFile(@Nullable String valueFile) {
        this.valueFile = valueFile;
    }

    public @Nullable RuntimePhase getMasterPhase() {
        return masterPhase;
    }

    public void setMasterPhase(@Nullable RuntimePhase masterPhase) {
        this.masterPhase = masterPhase;
    }

    public @Nullable String getMasterReason() {
        return masterReason;
    }

    public void setMasterReason(@Nullable String masterReason) {
        this.masterReason = masterReason;
    }

    public @Nullable Integer getDesiredMasterNumberScheduled() {
        return desiredMasterNumberScheduled;
    }

    public void setDesiredMasterNumberScheduled(@Nullable Integer desiredMasterNumberScheduled) {
        this.desiredMasterNumberScheduled = desiredMasterNumberScheduled;
    }

    public @Nullable Integer getCurrentMasterNumberScheduled() {
        return currentMasterNumberScheduled;
    }

    public void setCurrentMasterNumberScheduled(@Nullable Integer currentMasterNumberScheduled) {
        this.currentMasterNumberScheduled = currentMasterNumberScheduled;
    }

    public @Nullable Integer getMasterNumberReady() {
        return masterNumberReady;
    }

    public void setMasterNumberReady(@Nullable Integer masterNumberReady) {
        this.masterNumberReady = masterNumberReady;
    }

    public @Nullable RuntimePhase getWorkerPhase() {
        return workerPhase;
    }

    public void setWorkerPhase(@Nullable RuntimePhase workerPhase) {
        this.workerPhase = workerPhase;
    }

    public @Nullable String getWorkerReason() {
        return workerReason;
    }

    public void setWorkerReason(@Nullable String workerReason) {
        this.workerReason = workerReason;
    }

    public @Nullable Integer getDesiredWorkerNumberScheduled() {
        return desiredWorkerNumberScheduled;
    }

    public void setDesiredWorkerNumberScheduled(@Nullable Integer desiredWorkerNumberScheduled) {
        this.desiredWorkerNumberScheduled = desiredWorkerNumberScheduled;
    }

    public @Nullable Integer getCurrentWorkerNumberScheduled() {
        return currentWorkerNumberScheduled;
    }

    public void setCurrentWorkerNumberScheduled(@Nullable Integer currentWorkerNumberScheduled) {
        this.currentWorkerNumberScheduled = currentWorkerNumberScheduled;
    }

    public @Nullable Integer getWorkerNumberReady() {
        return workerNumberReady;
    }

    public void setWorkerNumberReady(@Nullable Integer workerNumberReady) {
        this.workerNumberReady = workerNumberReady;
    }

    public @Nullable Integer getWorkerNumberAvailable() {
        return workerNumberAvailable;
    }

    public void setWorkerNumberAvailable(@Nullable Integer workerNumberAvailable) {
        this.workerNumberAvailable = workerNumberAvailable;
    }

    public @Nullable Integer getWorkerNumberUnavailable() {
        return workerNumberUnavailable;
    }

    public void setWorkerNumberUnavailable(@Nullable Integer workerNumberUnavailable) {
        this.workerNumberUnavailable = workerNumberUnavailable;
    }

    public @Nullable RuntimePhase getFusePhase() {
        return fusePhase;
    }

    public void setFusePhase(@Nullable RuntimePhase fusePhase) {
        this.fusePhase = fusePhase;
    }

    public @Nullable String getFuseReason() {
        return fuseReason;
    }

    public void setFuseReason(@Nullable String fuseReason) {
        this.fuseReason = fuseReason;
    }

    public @Nullable Integer getDesiredFuseNumberScheduled() {
        return desiredFuseNumberScheduled;
    }

    public void setDesiredFuseNumberScheduled(@Nullable Integer desiredFuseNumberScheduled) {
        this.desiredFuseNumberScheduled = desiredFuseNumberScheduled;
    }

    public @Nullable Integer getCurrentFuseNumberScheduled() {
        return currentFuseNumberScheduled;
    }

    public void setCurrentFuseNumberScheduled(@Nullable Integer currentFuseNumberScheduled) {
        this.currentFuseNumberScheduled = currentFuseNumberScheduled;
    }

    public @Nullable Integer getFuseNumberReady() {
        return fuseNumberReady;
    }

    public void setFuseNumberReady(@Nullable Integer fuseNumberReady) {
        this.fuseNumberReady = fuseNumberReady;
    }

    public @Nullable Integer getFuseNumberAvailable() {
        return fuseNumberAvailable;
    }

    public void setFuseNumberAvailable(@Nullable Integer fuseNumberAvailable) {
        this.fuseNumberAvailable = fuseNumberAvailable;
    }

    public @Nullable Integer getFuseNumberUnavailable() {
        return fuseNumberUnavailable;
    }

    public void setFuseNumberUnavailable(@Nullable Integer fuseNumberUnavailable) {
        this.fuseNumberUnavailable = fuseNumberUnavailable;
    }

    public @Nullable String getSetupDuration() {
        return setupDuration;
    }

    public void setSetupDuration(@Nullable String setupDuration) {
        this.setupDuration = setupDuration;
    }

    public @Nullable List<RuntimeCondition> getConditions() {
        return conditions;
    }

    public void setConditions(@Nullable List<RuntimeCondition> conditions) {
        this.conditions = conditions;
    }

    public @Nullable Map<String, String> getCacheStates() {
        return cacheStates;
    }

    public void setCacheStates(@Nullable Map<String, String> cacheStates) {
        this.cacheStates = cacheStates;
    }

    public @Nullable String getSelector() {
        return selector;
    }

    public void setSelector(@Nullable String selector) {
        this.selector = selector;
    }

    public @Nullable ApiGatewayStatus getApiGateway() {
        return apiGateway;
    }

    public void setApiGateway(@Nullable ApiGatewayStatus apiGateway) {
        this.apiGateway = apiGateway;
    }

    public @Nullable String getMountTime() {
        return mountTime;
    }

    public void setMountTime(@Nullable String mountTime) {
        this.mountTime = mountTime;
    }

    public @Nullable List<Mount> getMounts() {
        return mounts;
    }

    public void setMounts(@Nullable List<Mount> mounts) {
        this.mounts = mounts;
    }

    public @Nullable NodeAffinity getCacheAffinity() {
        return cacheAffinity;
    }

    public void setCacheAffinity(@Nullable NodeAffinity cacheAffinity) {
        this.cacheAffinity = cacheAffinity;
    }
}
