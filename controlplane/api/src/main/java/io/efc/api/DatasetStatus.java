package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a dataset is at present. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class DatasetStatus {
    /** The stores that are mounted. */
    private @Nullable List<Mount> mounts;

    /** How much data the stores hold, {@code [Calculating]} until known. */
    private @Nullable String ufsTotal;

    /** Where it stands. */
    private @Nullable DatasetPhase phase;

    /** The runtimes bound to it. */
    private @Nullable List<DatasetRuntime> runtimes;

    /** Facts about it. */
    private @Nullable List<DatasetCondition> conditions;

    /** {@code cached}, {@code cacheCapacity}, {@code cachedPercentage}, {@code cacheHitRatio} … for people. */
    private @Nullable Map<String, String> cacheStates;

    /** How a Hadoop-compatible client reaches it. */
    private @Nullable HcfsStatus hcfs;

    /** How many files the stores hold. */
    private @Nullable String fileNum;

    /** Deprecated: the running DataLoad. */
    private @Nullable String dataLoadRef;

    /** Deprecated: the running DataBackup. */
    private @Nullable String dataBackupRef;

    /** Kind of operation to the comma-separated names of those that run. */
    private @Nullable Map<String, String> operationRef;

    /** {@code namespace/name} of datasets that refer to this one. */
    private @Nullable List<String> datasetRef;

    public @Nullable List<Mount> getMounts() {
        return mounts;
    }

    public void setMounts(@Nullable List<Mount> mounts) {
        this.mounts = mounts;
    }

    public @Nullable String getUfsTotal() {
        return ufsTotal;
    }

    public void setUfsTotal(@Nullable String ufsTotal) {
        this.ufsTotal = ufsTotal;
    }

    public @Nullable DatasetPhase getPhase() {
        return phase;
    }

    public void setPhase(@Nullable DatasetPhase phase) {
        this.phase = phase;
    }

    public @Nullable List<DatasetRuntime> getRuntimes() {
        return runtimes;
    }

    public void setRuntimes(@Nullable List<DatasetRuntime> runtimes) {
        this.runtimes = runtimes;
    }

    public @Nullable List<DatasetCondition> getConditions() {
        return conditions;
    }

    public void setConditions(@Nullable List<DatasetCondition> conditions) {
        this.conditions = conditions;
    }

    public @Nullable Map<String, String> getCacheStates() {
        return cacheStates;
    }

    public void setCacheStates(@Nullable Map<String, String> cacheStates) {
        this.cacheStates = cacheStates;
    }

    public @Nullable HcfsStatus getHcfs() {
        return hcfs;
    }

    public void setHcfs(@Nullable HcfsStatus hcfs) {
        this.hcfs = hcfs;
    }

    public @Nullable String getFileNum() {
        return fileNum;
    }

    public void setFileNum(@Nullable String fileNum) {
        this.fileNum = fileNum;
    }

    public @Nullable String getDataLoadRef() {
        return dataLoadRef;
    }

    public void setDataLoadRef(@Nullable String dataLoadRef) {
        this.dataLoadRef = dataLoadRef;
    }

    public @Nullable String getDataBackupRef() {
        return dataBackupRef;
    }

    public void setDataBackupRef(@Nullable String dataBackupRef) {
        this.dataBackupRef = dataBackupRef;
    }

    public @Nullable Map<String, String> getOperationRef() {
        return operationRef;
    }

    public void setOperationRef(@Nullable Map<String, String> operationRef) {
        this.operationRef = operationRef;
    }

    public @Nullable List<String> getDatasetRef() {
        return datasetRef;
    }

    public void setDatasetRef(@Nullable List<String> datasetRef) {
        this.datasetRef = datasetRef;
    }
}
