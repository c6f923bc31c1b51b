package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** A runtime that serves a dataset. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class DatasetRuntime {
    /** Its name. */
    @Required
    private @Nullable String name;

    /** Its namespace. */
    @Required
    private @Nullable String namespace;

    /** What it does. */
    private @Nullable RuntimeCategory category;

    /** Its kind: {@code efc}, {@code alluxio} … */
    private @Nullable String type;

    /** How many masters it has. */
    private @Nullable Integer masterReplicas;

    public @Nullable String getName() {
        return name;
    }

    public void setName(@Nullable String name) {
        this.name = name;
    }

    public @Nullable String getNamespace() {
        return namespace;
    }

    public void setNamespace(@Nullable String namespace) {
        this.namespace = namespace;
    }

    public @Nullable RuntimeCategory getCategory() {
        return category;
    }

    public void setCategory(@Nullable RuntimeCategory category) {
        this.category = category;
    }

    public @Nullable String getType() {
        return type;
    }

    public void setType(@Nullable String type) {
        this.type = type;
    }

    public @Nullable Integer getMasterReplicas() {
        return masterReplicas;
    }

    public void setMasterReplicas(@Nullable Integer masterReplicas) {
        this.masterReplicas = masterReplicas;
    }
}
