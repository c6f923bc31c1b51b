package io.efc.store;

import org.jspecify.annotations.Nullable;

/**
 * Attributes to change; null leaves one alone. Times are nanoseconds since the epoch, {@link #NOW} the store's own now.
 *
 * @param mode permission bits, no file type
 * @param size cuts or extends a regular file
 */
public record SetAttr(
        @Nullable Integer mode,
        @Nullable Integer uid,
        @Nullable Integer gid,
        @Nullable Long size,
        @Nullable Long atime,
        @Nullable Long mtime) {
    /** A time: the store's clock. */
    public static final long NOW = Long.MIN_VALUE;

    /** Changes nothing. */
    public static final SetAttr NONE = new SetAttr(null, null, null, null, null, null);

    /** Sets permission bits only. */
    public static SetAttr ofMode(int mode) {
        return new SetAttr(mode, null, null, null, null, null);
    }

    /** Sets the size only. */
    public static SetAttr ofSize(long size) {
        return new SetAttr(null, null, null, size, null, null);
    }

    public boolean isEmpty() {
        return equals(NONE);
    }
}
