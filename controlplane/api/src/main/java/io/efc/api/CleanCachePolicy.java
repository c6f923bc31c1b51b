package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** How the cache is removed with its runtime. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class CleanCachePolicy {
    /** Seconds a worker has for it. */
    @Default("60")
    @Min(0)
    private @Nullable Integer gracePeriodSeconds;

    /** How often it is tried again. */
    @Default("3")
    @Min(0)
    private @Nullable Integer maxRetryAttempts;

    public @Nullable Integer getGracePeriodSeconds() {
        return gracePeriodSeconds;
    }

    public void setGracePeriodSeconds(@Nullable Integer gracePeriodSeconds) {
        this.gracePeriodSeconds = gracePeriodSeconds;
    }

    public @Nullable Integer getMaxRetryAttempts() {
        return maxRetryAttempts;
    }

    public void setMaxRetryAttempts(@Nullable Integer maxRetryAttempts) {
        this.maxRetryAttempts = maxRetryAttempts;
    }
}
