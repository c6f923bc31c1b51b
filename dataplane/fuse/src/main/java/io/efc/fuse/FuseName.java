package io.efc.fuse;

import java.lang.foreign.MemorySegment;

/** A name of 1 to 255 bytes (a symbolic link's target: up to 4095) inside a request, without its NUL. */
public interface FuseName {
    /** Bytes. */
    int length();

    byte byteAt(int index);

    /** A copy. */
    byte[] toBytes();

    /** Copies all bytes to {@code to} at {@code offset}. */
    void copyTo(MemorySegment to, long offset);

    /** True if {@code bytes} are the same. */
    boolean contentEquals(byte[] bytes);

    /** True if the {@link #length} bytes of {@code segment} at {@code offset} are the same. */
    boolean contentEquals(MemorySegment segment, long offset);

    /** A 64-bit hash of the bytes, the same in every process. */
    long hash64();
}
