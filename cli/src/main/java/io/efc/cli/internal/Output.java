package io.efc.cli.internal;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How results are written: tables for people, JSON and YAML for programs. */
final class Output {
    /** The values of {@code -o}. */
    enum Format {
        table,
        wide,
        json,
        yaml
    }

    private Output() {}

    /** {@code value} as JSON or YAML text without a final newline. */
    static String text(Object value, Format format) {
        ObjectMapper mapper = format == Format.yaml
                ? YAMLMapper.builder()
                        .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                        .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                        .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                        .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                        .build()
                : JsonMapper.builder().build();
        mapper.setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL);
        try {
            return mapper.writerWithDefaultPrettyPrinter()
                    .writeValueAsString(value)
                    .stripTrailing();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a result cannot be written as " + format, e);
        }
    }

    /** Whether standard error is a terminal, so that progress may be drawn on it. */
    static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException e) {
            return false;
        }
    }
}
