package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One store of a dataset and where it shows up in it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class Mount {
    /** Scheme and place: {@code nfs://host:/path}, {@code local:///path}, {@code pvc://claim}, {@code s3://bucket} … */
    @Required
    @Size(min = 5)
    private @Nullable String mountPoint;

    /** Options of the scheme, such as {@code port} and {@code nconnect} for {@code nfs}. */
    private @Nullable Map<String, String> options;

    /** The mount's name, unique in its dataset. */
    private @Nullable String name;

    /** Where it shows up below the dataset's root; {@code /<name>} unless given. */
    private @Nullable String path;

    /** Refuse changes. */
    @Default("false")
    private @Nullable Boolean readOnly;

    /** The same data under this mount for all users of the dataset. */
    @Default("false")
    private @Nullable Boolean shared;

    /** Options whose values are in Secrets. */
    private @Nullable List<EncryptOption> encryptOptions;

    public @Nullable String getMountPoint() {
        return mountPoint;
    }

    public void setMountPoint(@Nullable String mountPoint) {
        this.mountPoint = mountPoint;
    }

    public @Nullable Map<String, String> getOptions() {
        return options;
    }

    public void setOptions(@Nullable Map<String, String> options) {
        this.options = options;
    }

    public @Nullable String getName() {
        return name;
    }

    public void setName(@Nullable String name) {
        this.name = name;
    }

    public @Nullable String getPath() {
        return path;
    }

    public void setPath(@Nullable String path) {
        this.path = path;
    }

    public @Nullable Boolean getReadOnly() {
        return readOnly;
    }

    public void setReadOnly(@Nullable Boolean readOnly) {
        this.readOnly = readOnly;
    }

    public @Nullable Boolean getShared() {
        return shared;
    }

    public void setShared(@Nullable Boolean shared) {
        this.shared = shared;
    }

    public @Nullable List<EncryptOption> getEncryptOptions() {
        return encryptOptions;
    }

    public void setEncryptOptions(@Nullable List<EncryptOption> encryptOptions) {
        this.encryptOptions = encryptOptions;
    }
}
