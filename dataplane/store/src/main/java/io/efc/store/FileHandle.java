package io.efc.store;

import io.efc.base.Check;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The store's own name of a file: 1 to {@value #BYTES_MAX} opaque bytes (an NFS file handle, a kernel file handle) that stay valid
 * over renames, in every process and after restarts, until the file is gone.
 */
public final class FileHandle {
    /** NFS4_FHSIZE, RFC 8881 section 3.1. */
    public static final int BYTES_MAX = 128;

    private final byte[] bytes;
    private final int hash;

    /** Copies {@code bytes}. */
    public FileHandle(byte[] bytes) {
        Check.argument(bytes.length >= 1 && bytes.length <= BYTES_MAX, "a file handle has %d bytes", bytes.length);
        this.bytes = bytes.clone();
        this.hash = Arrays.hashCode(bytes);
    }

    /** The bytes themselves: callers must not change them. */
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FileHandle h && hash == h.hash && Arrays.equals(bytes, h.bytes);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
