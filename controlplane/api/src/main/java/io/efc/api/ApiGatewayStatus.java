package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/** How the engine's own interface is reached. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class ApiGatewayStatus {
    /** Its address. */
    private @Nullable String endpoint;

    public @Nullable String getEndpoint() {
        return endpoint;
    }

    public void setEndpoint(@Nullable String endpoint) {
        this.endpoint = endpoint;
    }
}
