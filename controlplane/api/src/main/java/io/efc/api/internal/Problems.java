package io.efc.api.internal;

import io.efc.api.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What is wrong in one file, and the lines of the fields of the document that is being read. Single-threaded. */
final class Problems {
    private final String file;
    private final List<Problem> found = new ArrayList<>();
    private Map<String, Integer> lines = new TreeMap<>();

    Problems(String file) {
        this.file = file;
    }

    /** Forgets the last document's lines. */
    void startDocument(int line) {
        lines = new TreeMap<>();
        lines.put("", line);
    }

    Map<String, Integer> lines() {
        return lines;
    }

    /** Remembers where {@code path} is written. */
    void place(String path, int line) {
        lines.put(path, line);
    }

    void add(int line, String path, String message) {
        found.add(new Problem(file, line, path, message));
    }

    /** A problem of a field, or of the nearest written field around it. */
    void add(String path, String message) {
        String p = path;
        while (!lines.containsKey(p)) {
            int end = Math.max(p.lastIndexOf('.'), p.lastIndexOf('['));
            p = end < 0 ? "" : p.substring(0, end);
        }
        add(lines.getOrDefault(p, 1), path, message);
    }

    int count() {
        return found.size();
    }

    List<Problem> sorted() {
        return found.stream().sorted(Comparator.comparingInt(Problem::line)).toList();
    }
}
