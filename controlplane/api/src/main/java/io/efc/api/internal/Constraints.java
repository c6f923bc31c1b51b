package io.efc.api.internal;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;

/** Checks one value against the rules that its Java field is annotated with. */
final class Constraints {
    private Constraints() {}

    static void check(@Nullable Field field, JsonNode value, String path, Problems problems) {
        if (field == null) {
            return;
        }
        Size size = field.getAnnotation(Size.class);
        if (size != null) {
            size(size, value, path, problems);
        }
        Min min = field.getAnnotation(Min.class);
        if (min != null && value.asDouble() < min.value()) {
            problems.add(path, value.asText() + " is too small; accepted: " + (long) min.value() + " or more");
        }
        Max max = field.getAnnotation(Max.class);
        if (max != null && value.asDouble() > max.value()) {
            problems.add(path, value.asText() + " is too large; accepted: " + (long) max.value() + " or less");
        }
        Pattern pattern = field.getAnnotation(Pattern.class);
        if (pattern != null && !value.asText().matches(pattern.value())) {
            problems.add(path, "'" + value.asText() + "' does not match; accepted: " + pattern.value());
        }
    }

    private static void size(Size size, JsonNode value, String path, Problems problems) {
        long length = value.isTextual() ? value.asText().length() : value.size();
        String unit = value.isTextual() ? "characters" : "entries";
        if (length < size.min()) {
            String shown =
                    value.isTextual() ? "'" + value.asText() + "' is too short" : "has too few entries: " + length;
            problems.add(path, shown + "; accepted: at least " + size.min() + " " + unit);
        }
        if (length > size.max()) {
            problems.add(path, "is too long: " + length + "; accepted: at most " + size.max() + " " + unit);
        }
    }
}
