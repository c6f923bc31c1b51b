package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a worker lends, fastest tier first. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class TieredStore {
    /** Its tiers. */
    private @Nullable List<Level> levels;

    public @Nullable List<Level> getLevels() {
        return levels;
    }

    public void setLevels(@Nullable List<Level> levels) {
        this.levels = levels;
    }
}
