package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** An option whose value is in a Secret. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class EncryptOption {
    /** The option. */
    @Required
    private @Nullable String name;

    /** Where its value is. */
    private @Nullable EncryptOptionSource valueFrom;

    public @Nullable String getName() {
        return name;
    }

    public void setName(@Nullable String name) {
        this.name = name;
    }

    public @Nullable EncryptOptionSource getValueFrom() {
        return valueFrom;
    }

    public void setValueFrom(@Nullable EncryptOptionSource valueFrom) {
        this.valueFrom = valueFrom;
    }
}
