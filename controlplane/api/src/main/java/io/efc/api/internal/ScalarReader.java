package io.efc.api.internal;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads single values the way a Kubernetes API server does: a number is no text, a text is no number. */
final class ScalarReader {
    /** Kubernetes' quantity: a decimal number with an optional SI, binary or exponent suffix. */
    static final Pattern QUANTITY =
            Pattern.compile("[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?");

    static final String QUANTITY_WORDS =
            "a number with an optional suffix Ki, Mi, Gi, Ti, Pi, Ei, k, M, G, T, P or E, such as 2Gi";

    private static final Set<Class<?>> TYPES = Set.of(
            String.class,
            Integer.class,
            int.class,
            Long.class,
            long.class,
            Boolean.class,
            boolean.class,
            Double.class,
            double.class);

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Problems problems;

    ScalarReader(Problems problems) {
        this.problems = problems;
    }

    /** Whether values of this type are read here. */
    boolean reads(Class<?> type) {
        return TYPES.contains(type) || type.isEnum();
    }

    /** What is accepted for a type, for people. */
    String words(Class<?> type) {
        if (type.isEnum()) {
            return String.join(
                    ", ",
                    names(type).stream().map(n -> n.isEmpty() ? "\"\"" : n).toList());
        }
        return switch (type.getSimpleName()) {
            case "Quantity" -> QUANTITY_WORDS;
            case "IntOrString" -> "a whole number or a text";
            case "Integer", "int", "Long", "long" -> "a whole number";
            case "Double", "double" -> "a number";
            case "Boolean", "boolean" -> "true or false";
            case "String" -> "a text";
            case "List", "ArrayList" -> "a list";
            default -> "a mapping";
        };
    }

    /** The value as JSON, or null and a problem. */
    @Nullable
    JsonNode read(ScalarNode node, Class<?> type, String path) {
        String text = node.getValue();
        Tag tag = node.getTag();
        if (type == Quantity.class) {
            return quantity(text, path);
        }
        if (type == IntOrString.class) {
            return tag.equals(Tag.INT) ? NODES.numberNode(new BigInteger(text)) : NODES.textNode(text);
        }
        if (type == String.class) {
            return string(text, tag, path);
        }
        if (type.isEnum()) {
            return word(text, type, path);
        }
        if (type == Boolean.class || type == boolean.class) {
            return tag.equals(Tag.BOOL) ? NODES.booleanNode(Boolean.parseBoolean(text)) : refuse(text, type, path);
        }
        if (type == Double.class || type == double.class) {
            return tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)
                    ? NODES.numberNode(Double.parseDouble(text))
                    : refuse(text, type, path);
        }
        return whole(text, tag, type, path);
    }

    /** A value where anything is accepted. */
    JsonNode free(ScalarNode node) {
        Tag tag = node.getTag();
        String text = node.getValue();
        if (tag.equals(Tag.NULL)) {
            return NODES.nullNode();
        }
        if (tag.equals(Tag.BOOL)) {
            return NODES.booleanNode(Boolean.parseBoolean(text));
        }
        if (tag.equals(Tag.INT) && text.matches("[+-]?[0-9]+")) {
            return NODES.numberNode(new BigInteger(text));
        }
        return NODES.textNode(text);
    }

    private @Nullable JsonNode quantity(String text, String path) {
        if (!QUANTITY.matcher(text).matches()) {
            problems.add(path, "'" + text + "' is not a quantity; accepted: " + QUANTITY_WORDS);
            return null;
        }
        if (text.startsWith("-")) {
            problems.add(path, "'" + text + "' is negative; accepted: " + QUANTITY_WORDS);
            return null;
        }
        return NODES.textNode(text);
    }

    private @Nullable JsonNode string(String text, Tag tag, String path) {
        if (tag.equals(Tag.STR)) {
            return NODES.textNode(text);
        }
        String what = tag.equals(Tag.BOOL) ? "a truth value" : tag.equals(Tag.NULL) ? "nothing" : "a number";
        problems.add(path, "'" + text + "' is " + what + "; accepted: a text, in quotes: \"" + text + "\"");
        return null;
    }

    private @Nullable JsonNode word(String text, Class<?> type, String path) {
        List<String> names = names(type);
        if (names.contains(text)) {
            return NODES.textNode(text);
        }
        problems.add(
                path, "'" + text + "' is unknown" + Suggestion.sentence(text, names) + "; accepted: " + words(type));
        return null;
    }

    private @Nullable JsonNode whole(String text, Tag tag, Class<?> type, String path) {
        if (!tag.equals(Tag.INT) || !text.matches("[+-]?[0-9]+")) {
            return refuse(text, type, path);
        }
        BigInteger value = new BigInteger(text);
        int bits = type == Integer.class || type == int.class ? 31 : 63;
        if (value.bitLength() > bits) {
            problems.add(path, "'" + text + "' is out of range; accepted: a whole number of " + (bits + 1) + " bits");
            return null;
        }
        return NODES.numberNode(value.longValueExact());
    }

    private @Nullable JsonNode refuse(String text, Class<?> type, String path) {
        problems.add(path, "'" + text + "' is not accepted; accepted: " + words(type));
        return null;
    }

    /** The words of an enum as they are written in manifests. */
    private static List<String> names(Class<?> type) {
        List<String> names = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            String name = ((Enum<?>) constant).name();
            try {
                JsonProperty written = type.getField(name).getAnnotation(JsonProperty.class);
                names.add(written == null ? name : written.value());
            } catch (NoSuchFieldException e) {
                throw new IllegalStateException("enum " + type + " lacks its own constant " + name, e);
            }
        }
        return names;
    }
}
