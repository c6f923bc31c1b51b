package io.efc.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import org.jspecify.annotations.Nullable;

/** An image. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public class VersionSpec {
    /** Repository. */
    private @Nullable String image;

    /** Tag. */
    private @Nullable String imageTag;

    /** {@code Always}, {@code IfNotPresent} or {@code Never}. */
    @Pattern("^(Always|IfNotPresent|Never)?$")
    private @Nullable String imagePullPolicy;

    public @Nullable String getImage() {
        return image;
    }

    public void setImage(@Nullable String image) {
        this.image = image;
    }

    public @Nullable String getImageTag() {
        return imageTag;
    }

    public void setImageTag(@Nullable String imageTag) {
        this.imageTag = imageTag;
    }

    public @Nullable String getImagePullPolicy() {
        return imagePullPolicy;
    }

    public void setImagePullPolicy(@Nullable String imagePullPolicy) {
        this.imagePullPolicy = imagePullPolicy;
    }
}
