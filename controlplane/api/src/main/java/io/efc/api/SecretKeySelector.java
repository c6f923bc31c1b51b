package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** One key of a Secret of the dataset's namespace. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class SecretKeySelector {
    /** The Secret. */
    @Required
    private @Nullable String name;

    /** The key in it. */
    private @Nullable String key;

    public @Nullable String getName() {
        return name;
    }

    public void setName(@Nullable String name) {
        this.name = name;
    }

    public @Nullable String getKey() {
        return key;
    }

    public void setKey(@Nullable String key) {
        this.key = key;
    }
}
