package io.efc.nfs;

import org.jspecify.annotations.Nullable;

/**
 * Attributes to change; null leaves one alone. Times are nanoseconds since the epoch, {@link #NOW} the server's own now.
 *
 * @param mode permission bits, no file type
 * @param size cuts or extends a regular file
 */
public record NfsSetAttr(
        @Nullable Integer mode,
        @Nullable Integer uid,
        @Nullable Integer gid,
        @Nullable Long size,
        @Nullable Long atime,
        @Nullable Long mtime) {
    /** A time: the server's clock. */
    public static final long NOW = Long.MIN_VALUE;

    /** Changes nothing. */
    public static final NfsSetAttr NONE = new NfsSetAttr(null, null, null, null, null, null);

    /** Sets permission bits only. */
    public static NfsSetAttr ofMode(int mode) {
        return new NfsSetAttr(mode, null, null, null, null, null);
    }

    /** Sets the size only. */
    public static NfsSetAttr ofSize(long size) {
        return new NfsSetAttr(null, null, null, size, null, null);
    }

    public boolean isEmpty() {
        return equals(NONE);
    }
}
