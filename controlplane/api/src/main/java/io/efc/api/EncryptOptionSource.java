package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/** Where the value of an {@link EncryptOption} is. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class EncryptOptionSource {
    /** A key of a Secret. */
    private @Nullable SecretKeySelector secretKeyRef;

    public @Nullable SecretKeySelector getSecretKeyRef() {
        return secretKeyRef;
    }

    public void setSecretKeyRef(@Nullable SecretKeySelector secretKeyRef) {
        this.secretKeyRef = secretKeyRef;
    }
}
