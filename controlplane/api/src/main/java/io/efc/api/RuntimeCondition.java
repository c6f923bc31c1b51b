package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** One fact about a runtime and since when it holds. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class RuntimeCondition {
    /** {@code MasterReady}, {@code WorkersReady}, {@code FusesReady} … */
    @Required
    private @Nullable String type;

    /** {@code True}, {@code False} or {@code Unknown}. */
    @Required
    private @Nullable String status;

    /** One word of why. */
    private @Nullable String reason;

    /** Why, for people. */
    private @Nullable String message;

    /** When it was last looked at, RFC 3339. */
    private @Nullable String lastProbeTime;

    /** When its status last changed, RFC 3339. */
    private @Nullable String lastTransitionTime;

    public @Nullable String getType() {
        return type;
    }

    public void setType(@Nullable String type) {
        this.type = type;
    }

    public @Nullable String getStatus() {
        return status;
    }

    public void setStatus(@Nullable String status) {
        this.status = status;
    }

    public @Nullable String getReason() {
        return reason;
    }

    public void setReason(@Nullable String reason) {
        this.reason = reason;
    }

    public @Nullable String getMessage() {
        return message;
    }

    public void setMessage(@Nullable String message) {
        this.message = message;
    }

    public @Nullable String getLastProbeTime() {
        return lastProbeTime;
    }

    public void setLastProbeTime(@Nullable String lastProbeTime) {
        this.lastProbeTime = lastProbeTime;
    }

    public @Nullable String getLastTransitionTime() {
        return lastTransitionTime;
    }

    public void setLastTransitionTime(@Nullable String lastTransitionTime) {
        this.lastTransitionTime = lastTransitionTime;
    }
}
