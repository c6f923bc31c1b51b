package io.efc.api;

/**
 * One thing that is wrong in a manifest.
 *
 * @param file the file's name as it was given
 * @param line from 1
 * @param path the field, {@code spec.tieredstore.levels[0].quota}; empty for the document itself
 * @param message the value, what is wrong with it and what is accepted
 */
public record Problem(String file, int line, String path, String message) {
    /** {@code file:line: path: message}. */
    @Override
    public String toString() {
        return file + ":" + line + ": " + (path.isEmpty() ? "" : path + ": ") + message;
    }
}
