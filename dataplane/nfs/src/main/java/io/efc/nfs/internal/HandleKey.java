package io.efc.nfs.internal;

import java.util.Arrays;
import java.util.HexFormat;

/** A file handle as the key of a map; the bytes are not copied and nobody changes them. */
@SuppressWarnings("ArrayRecordComponent")
record HandleKey(byte[] bytes) {
    @Override
    public boolean equals(Object other) {
        return other instanceof HandleKey k && Arrays.equals(bytes, k.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
