package io.efc.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The golden manifests, read and written back, say the same as before. */
class GoldenManifestTest {
    private static final JsonMapper JSON = new JsonMapper();

    private static String resource(String name) throws IOException {
        try (InputStream in = GoldenManifestTest.class.getResourceAsStream("/golden/" + name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<JsonNode> documents(String yaml) throws IOException {
        YAMLMapper mapper = new YAMLMapper();
        return new ArrayList<>(mapper.readerFor(JsonNode.class)
                .<JsonNode>readValues(mapper.getFactory().createParser(yaml))
                .readAll());
    }

    private static List<JsonNode> writtenBack(String yaml) throws IOException {
        List<JsonNode> written = new ArrayList<>();
        for (Manifest<?> m : Manifests.parse("golden.yaml", yaml).all()) {
            written.add(JSON.readTree(JSON.writeValueAsString(m.resource())));
        }
        return written;
    }

    @Test
    void minimalManifestSurvivesReadingAndWriting() throws IOException {
        String yaml = resource("minimal.yaml");
        assertThat(writtenBack(yaml)).isEqualTo(documents(yaml));
    }

    @Test
    void fullManifestSurvivesReadingAndWriting() throws IOException {
        String yaml = resource("full.yaml");
        assertThat(writtenBack(yaml)).isEqualTo(documents(yaml));
    }

    /** A field that somebody adds to a type without adding it to full.yaml fails here. */
    @Test
    void fullManifestWritesEveryFieldOfEveryType() throws IOException, IllegalAccessException {
        Manifests full = Manifests.parse("full.yaml", resource("full.yaml"));
        TreeSet<String> missing = new TreeSet<>();
        Map<Class<?>, List<Object>> seen = new HashMap<>();
        for (Manifest<?> m : full.all()) {
            HasMetadata resource = m.resource();
            if (resource instanceof Dataset d) {
                collect(d.getSpec(), seen);
                collect(d.getStatus(), seen);
            } else if (resource instanceof EFCRuntime r) {
                collect(r.getSpec(), seen);
                collect(r.getStatus(), seen);
            }
        }
        for (Map.Entry<Class<?>, List<Object>> e : seen.entrySet()) {
            for (Field f : e.getKey().getDeclaredFields()) {
                f.setAccessible(true);
                boolean written = false;
                for (Object o : e.getValue()) {
                    written |= f.get(o) != null;
                }
                if (!written) {
                    missing.add(e.getKey().getSimpleName() + "." + f.getName());
                }
            }
        }
        assertThat(missing).isEmpty();
        assertThat(seen).hasSizeGreaterThan(20);
    }

    private static void collect(Object bean, Map<Class<?>, List<Object>> seen) throws IllegalAccessException {
        seen.computeIfAbsent(bean.getClass(), c -> new ArrayList<>()).add(bean);
        for (Field f : bean.getClass().getDeclaredFields()) {
            f.setAccessible(true);
            Object value = f.get(bean);
            Type type = f.getGenericType();
            if (value instanceof List<?> list
                    && type instanceof ParameterizedType p
                    && ours(p.getActualTypeArguments()[0])) {
                for (Object item : list) {
                    collect(item, seen);
                }
            } else if (value != null && ours(type)) {
                collect(value, seen);
            }
        }
    }

    private static boolean ours(Type type) {
        return type instanceof Class<?> c && !c.isEnum() && c.getPackageName().equals("io.efc.api");
    }

    @Test
    void knowsItsDocumentsByTypeAndPlace() throws IOException {
        Manifests full = Manifests.parse("full.yaml", resource("full.yaml"));
        Manifest<EFCRuntime> runtime = full.of(EFCRuntime.class).getFirst();
        assertThat(full.of(Dataset.class)).hasSize(1);
        assertThat(runtime.resource().getSpec().getReplicas()).isEqualTo(4);
        int line = runtime.line("spec.tieredstore.levels[0].quota");
        assertThat(resource("full.yaml").lines().toList().get(line - 1)).contains("quota: 8Gi");
        assertThat(runtime.line("spec.worker.properties.missing")).isEqualTo(runtime.line("spec.worker.properties"));
    }

    @Test
    void readsJson() {
        Manifests json = Manifests.parse(
                "a.json",
                "{\"apiVersion\": \"data.fluid.io/v1alpha1\", \"kind\": \"EFCRuntime\", \"metadata\": {\"name\": \"a\"}}");
        assertThat(json.of(EFCRuntime.class)).hasSize(1);
    }
}
