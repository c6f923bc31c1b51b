package io.efc.api.internal;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Quantity;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads a YAML node as a value of a Java type: the type's Jackson properties are the fields that exist, the annotations on its
 * Java fields are their rules. What does not fit becomes a {@link Problems problem} and reading goes on, so that a file's
 * problems are told at once.
 */
final class FieldReader {
    /** Nesting of a manifest. Kubernetes' own deepest objects need about 15. */
    private static final int DEPTH_MAX = 64;

    /** A field of a type. The Java field is null where the type is a library's and says nothing of rules. */
    private record Property(JavaType type, @Nullable Field field) {}

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final JsonMapper mapper;
    private final Problems problems;
    private final ScalarReader scalars;
    private final Map<JavaType, Map<String, Property>> properties = new HashMap<>();

    FieldReader(JsonMapper mapper, Problems problems) {
        this.mapper = mapper;
        this.problems = problems;
        scalars = new ScalarReader(problems);
    }

    /** The line of a node, from 1. */
    static int line(Node node) {
        return node.getStartMark().map(m -> m.getLine() + 1).orElse(1);
    }

    /** Whether a node is YAML's null, which Kubernetes takes for a field that is not there. */
    static boolean isNull(Node node) {
        return node instanceof ScalarNode s && s.getTag().equals(Tag.NULL);
    }

    /** The node's value as JSON; null where it has no value of this type, which is then a problem. */
    @Nullable
    JsonNode read(Node node, JavaType type, String path) {
        Class<?> raw = type.getRawClass();
        if (path.chars().filter(c -> c == '.' || c == '[').count() > DEPTH_MAX) {
            problems.add(path, "is nested deeper than " + DEPTH_MAX + " levels");
            return null;
        }
        if (raw == Quantity.class || raw == IntOrString.class || scalars.reads(raw)) {
            return node instanceof ScalarNode s
                    ? scalars.read(s, raw, path)
                    : wrongShape(node, scalars.words(raw), path);
        }
        if (isFree(raw)) {
            return free(node, path);
        }
        if (type.isMapLikeType()) {
            return node instanceof MappingNode m
                    ? map(m, type.getContentType(), path)
                    : wrongShape(node, "a mapping", path);
        }
        if (type.isCollectionLikeType()) {
            return node instanceof SequenceNode s
                    ? list(s, type.getContentType(), path)
                    : wrongShape(node, "a list", path);
        }
        return node instanceof MappingNode m ? bean(m, type, path) : wrongShape(node, "a mapping", path);
    }

    private @Nullable JsonNode wrongShape(Node node, String accepted, String path) {
        String what = switch (node) {
            case MappingNode m -> "a mapping";
            case SequenceNode s -> "a list";
            case ScalarNode s -> "'" + s.getValue() + "'";
            default -> "something else";
        };
        problems.add(path, what + " is not accepted here; accepted: " + accepted);
        return null;
    }

    private ObjectNode bean(MappingNode node, JavaType type, String path) {
        Map<String, Property> known = properties(type);
        ObjectNode out = NODES.objectNode();
        Set<String> seen = new TreeSet<>();
        for (NodeTuple t : node.getValue()) {
            String name = key(t, path, seen);
            if (name == null) {
                continue;
            }
            String at = path.isEmpty() ? name : path + "." + name;
            Property property = known.get(name);
            if (property == null) {
                problems.add(
                        at,
                        "is no field of " + (path.isEmpty() ? type.getRawClass().getSimpleName() : path)
                                + Suggestion.sentence(name, known.keySet()) + "; accepted: "
                                + String.join(", ", known.keySet()));
                continue;
            }
            if (isNull(t.getValueNode())) {
                seen.remove(name);
                continue;
            }
            JsonNode value = read(t.getValueNode(), property.type, at);
            if (value != null) {
                out.set(name, value);
                Constraints.check(property.field, value, at, problems);
            }
        }
        known.forEach((name, property) -> {
            if (property.field != null && property.field.isAnnotationPresent(Required.class) && !seen.contains(name)) {
                String at = path.isEmpty() ? name : path + "." + name;
                problems.add(at, "is missing; accepted: " + scalars.words(property.type.getRawClass()));
            }
        });
        return out;
    }

    /** The key of an entry, whose place is remembered; null if it is no text or stands there twice. */
    private @Nullable String key(NodeTuple entry, String path, Set<String> seen) {
        Node node = entry.getKeyNode();
        if (!(node instanceof ScalarNode scalar)) {
            problems.add(line(node), path, "a key must be a text");
            return null;
        }
        String name = scalar.getValue();
        String at = path.isEmpty() ? name : path + "." + name;
        if (!seen.add(name)) {
            problems.add(line(node), at, "stands there twice; accepted: each field once");
            return null;
        }
        problems.place(at, line(node));
        return name;
    }

    private ObjectNode map(MappingNode node, JavaType content, String path) {
        ObjectNode out = NODES.objectNode();
        Set<String> seen = new TreeSet<>();
        for (NodeTuple t : node.getValue()) {
            String name = key(t, path, seen);
            JsonNode value = name == null ? null : read(t.getValueNode(), content, path + "." + name);
            if (name != null && value != null) {
                out.set(name, value);
            }
        }
        return out;
    }

    private ArrayNode list(SequenceNode node, JavaType content, String path) {
        ArrayNode out = NODES.arrayNode();
        int i = 0;
        for (Node item : node.getValue()) {
            String at = path + "[" + i++ + "]";
            problems.place(at, line(item));
            JsonNode value = read(item, content, at);
            if (value != null) {
                out.add(value);
            }
        }
        return out;
    }

    /** Types whose content is whatever the user writes. */
    private static boolean isFree(Class<?> raw) {
        JsonDeserialize own = raw.getAnnotation(JsonDeserialize.class);
        return raw == Object.class
                || JsonNode.class.isAssignableFrom(raw)
                || (own != null && own.using() != JsonDeserializer.None.class);
    }

    private JsonNode free(Node node, String path) {
        return switch (node) {
            case MappingNode m -> map(m, mapper.constructType(Object.class), path);
            case SequenceNode s -> list(s, mapper.constructType(Object.class), path);
            case ScalarNode s -> scalars.free(s);
            default -> NODES.nullNode();
        };
    }

    private Map<String, Property> properties(JavaType type) {
        return properties.computeIfAbsent(type, t -> {
            Map<String, Property> known = new TreeMap<>();
            for (BeanPropertyDefinition d :
                    mapper.getDeserializationConfig().introspect(t).findProperties()) {
                if (d.getMutator() != null) {
                    known.put(d.getName(), new Property(d.getPrimaryType(), field(t.getRawClass(), d.getName())));
                }
            }
            if (HasMetadata.class.isAssignableFrom(t.getRawClass())) {
                known.keySet().retainAll(Set.of("apiVersion", "kind", "metadata", "spec", "status"));
            }
            return known;
        });
    }

    private static @Nullable Field field(Class<?> type, String name) {
        try {
            return type.getDeclaredField(name);
        } catch (NoSuchFieldException e) {
            return null;
        }
    }
}
