package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Labels and annotations for pods. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class PodMetadata {
    /** Labels. */
    private @Nullable Map<String, String> labels;

    /** Annotations. */
    private @Nullable Map<String, String> annotations;

    public @Nullable Map<String, String> getLabels() {
        return labels;
    }

    public void setLabels(@Nullable Map<String, String> labels) {
        this.labels = labels;
    }

    public @Nullable Map<String, String> getAnnotations() {
        return annotations;
    }

    public void setAnnotations(@Nullable Map<String, String> annotations) {
        this.annotations = annotations;
    }
}
