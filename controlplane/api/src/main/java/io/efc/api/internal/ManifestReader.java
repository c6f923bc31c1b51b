package io.efc.api.internal;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.efc.api.Dataset;
import io.efc.api.EFCRuntime;
import io.efc.api.Manifest;
import io.efc.api.ManifestException;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Turns a YAML text into resources: documents into nodes, nodes into checked fields, fields into beans. */
public final class ManifestReader {
    /** Aliases to collections that one file may use, so that a few lines cannot unfold into gigabytes. */
    private static final int ALIASES_MAX = 50;

    private static final String API_VERSION = "data.fluid.io/v1alpha1";

    private static final Map<String, Class<? extends HasMetadata>> KINDS =
            new TreeMap<>(Map.of("Dataset", Dataset.class, "EFCRuntime", EFCRuntime.class));

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final Problems problems;
    private final FieldReader fields;
    private final String file;

    private ManifestReader(String file) {
        this.file = file;
        problems = new Problems(file);
        fields = new FieldReader(MAPPER, problems);
    }

    /** Reads all documents of {@code text}; throws {@link ManifestException} if anything is wrong in any of them. */
    public static List<Manifest<?>> read(String file, String text) {
        ManifestReader reader = new ManifestReader(file);
        List<Manifest<?>> manifests = new ArrayList<>();
        for (Node document : reader.documents(text)) {
            Manifest<?> manifest = reader.document(document);
            if (manifest != null) {
                manifests.add(manifest);
            }
        }
        if (manifests.isEmpty() && reader.problems.count() == 0) {
            reader.problems.add(1, "", "there is no resource in it; accepted: documents of kind " + KINDS.keySet());
        }
        if (reader.problems.count() > 0) {
            throw new ManifestException(reader.problems.sorted());
        }
        return manifests;
    }

    private List<Node> documents(String text) {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(file)
                .setMaxAliasesForCollections(ALIASES_MAX)
                .setAllowRecursiveKeys(false)
                .build();
        List<Node> documents = new ArrayList<>();
        try {
            new Compose(settings).composeAllFromString(text).forEach(documents::add);
        } catch (MarkedYamlEngineException e) {
            int line = e.getProblemMark()
                    .or(e::getContextMark)
                    .map(m -> m.getLine() + 1)
                    .orElse(1);
            int column = e.getProblemMark().map(m -> m.getColumn() + 1).orElse(1);
            problems.add(line, "", "malformed YAML at column " + column + ": " + e.getProblem());
        } catch (YamlEngineException e) {
            problems.add(
                    1,
                    "",
                    "malformed YAML: " + Optional.ofNullable(e.getMessage()).orElse("unreadable"));
        }
        return documents;
    }

    private @Nullable Manifest<?> document(Node node) {
        if (node instanceof ScalarNode s
                && (s.getTag().equals(Tag.NULL) || s.getValue().isBlank())) {
            return null;
        }
        int line = FieldReader.line(node);
        problems.startDocument(line);
        if (!(node instanceof MappingNode mapping)) {
            problems.add(
                    line,
                    "",
                    "the document is not a resource; accepted: a mapping with apiVersion, kind, metadata and spec");
            return null;
        }
        int before = problems.count();
        Class<? extends HasMetadata> type = type(mapping);
        if (type == null) {
            return null;
        }
        JsonNode tree = fields.read(mapping, MAPPER.constructType(type), "");
        if (problems.count() > before) {
            return null;
        }
        HasMetadata resource = MAPPER.convertValue(tree, type);
        Rules.check(resource, problems);
        return new Manifest<>(resource, file, problems.lines());
    }

    /** The type that apiVersion and kind name, or null and a problem. */
    private @Nullable Class<? extends HasMetadata> type(MappingNode document) {
        String kind = text(document, "kind");
        String version = text(document, "apiVersion");
        int before = problems.count();
        if (version == null) {
            problems.add("apiVersion", "is missing; accepted: " + API_VERSION);
        } else if (!version.equals(API_VERSION)) {
            problems.add("apiVersion", "'" + version + "' is unknown; accepted: " + API_VERSION);
        }
        if (kind == null) {
            problems.add("kind", "is missing; accepted: " + String.join(", ", KINDS.keySet()));
            return null;
        }
        Class<? extends HasMetadata> type = KINDS.get(kind);
        if (type == null) {
            problems.add(
                    "kind",
                    "'" + kind + "' is unknown" + Suggestion.sentence(kind, KINDS.keySet()) + "; accepted: "
                            + String.join(", ", KINDS.keySet()));
        }
        return problems.count() > before ? null : type;
    }

    /** The scalar under {@code key}, whose place is remembered. */
    private @Nullable String text(MappingNode mapping, String key) {
        for (NodeTuple t : mapping.getValue()) {
            if (t.getKeyNode() instanceof ScalarNode k
                    && k.getValue().equals(key)
                    && t.getValueNode() instanceof ScalarNode v
                    && !v.getTag().equals(Tag.NULL)) {
                problems.place(key, FieldReader.line(v));
                return v.getValue();
            }
        }
        return null;
    }
}
