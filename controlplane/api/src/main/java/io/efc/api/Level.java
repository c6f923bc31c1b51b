package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import org.jspecify.annotations.Nullable;

/** One tier of a worker. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class Level {
    /** What it is made of. */
    @Required
    private @Nullable MediumType mediumtype;

    /** Where its directory comes from. */
    @Default("hostPath")
    private @Nullable VolumeType volumeType;

    /** The volume of an {@code emptyDir} tier; its name is not used. */
    private @Nullable Volume volumeSource;

    /** Its directories, comma-separated. */
    @Size(min = 1)
    private @Nullable String path;

    /** Bytes it may hold, over all its paths. */
    private @Nullable Quantity quota;

    /** Bytes each path may hold, comma-separated, instead of {@code quota}. */
    @Pattern("^[0-9.]+([kMGTPE]i?)?(,[0-9.]+([kMGTPE]i?)?)*$")
    private @Nullable String quotaList;

    /** Share of the quota at which eviction starts. */
    @Pattern("^(0?\\.[0-9]+|1(\\.0+)?|0)$")
    private @Nullable String high;

    /** Share of the quota at which eviction stops. */
    @Pattern("^(0?\\.[0-9]+|1(\\.0+)?|0)$")
    private @Nullable String low;

    public @Nullable MediumType getMediumtype() {
        return mediumtype;
    }

    public void setMediumtype(@Nullable MediumType mediumtype) {
        this.mediumtype = mediumtype;
    }

    public @Nullable VolumeType getVolumeType() {
        return volumeType;
    }

    public void setVolumeType(@Nullable VolumeType volumeType) {
        this.volumeType = volumeType;
    }

    public @Nullable Volume getVolumeSource() {
        return volumeSource;
    }

    public void setVolumeSource(@Nullable Volume volumeSource) {
        this.volumeSource = volumeSource;
    }

    public @Nullable String getPath() {
        return path;
    }

    public void setPath(@Nullable String path) {
        this.path = path;
    }

    public @Nullable Quantity getQuota() {
        return quota;
    }

    public void setQuota(@Nullable Quantity quota) {
        this.quota = quota;
    }

    public @Nullable String getQuotaList() {
        return quotaList;
    }

    public void setQuotaList(@Nullable String quotaList) {
        this.quotaList = quotaList;
    }

    public @Nullable String getHigh() {
        return high;
    }

    public void setHigh(@Nullable String high) {
        this.high = high;
    }

    public @Nullable String getLow() {
        return low;
    }

    public void setLow(@Nullable String low) {
        this.low = low;
    }
}
