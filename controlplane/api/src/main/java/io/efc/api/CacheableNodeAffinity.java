package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.NodeSelector;
import org.jspecify.annotations.Nullable;

/** Which nodes may lend memory to a dataset. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class CacheableNodeAffinity {
    /** Nodes that do not match are never used. */
    private @Nullable NodeSelector required;

    public @Nullable NodeSelector getRequired() {
        return required;
    }

    public void setRequired(@Nullable NodeSelector required) {
        this.required = required;
    }
}
