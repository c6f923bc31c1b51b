package io.efc.testing.posix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One struct linux_dirent64.
 *
 * @param next the cookie of the entry behind it
 * @param type DT_* of dirent.h; 0 is unknown
 * @param name bytes written in ISO 8859-1
 */
record Dirent(long ino, long next, int type, String name) {
    static final int UNKNOWN = 0;

    /** Reads {@code length} bytes as getdents64(2) left them. */
    static List<Dirent> parse(MemorySegment s, long length) {
        List<Dirent> entries = new ArrayList<>();
        for (long at = 0; at < length; ) {
            int size = Short.toUnsignedInt(s.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + 16));
            entries.add(new Dirent(
                    s.get(ValueLayout.JAVA_LONG_UNALIGNED, at),
                    s.get(ValueLayout.JAVA_LONG_UNALIGNED, at + 8),
                    s.get(ValueLayout.JAVA_BYTE, at + 18),
                    s.asSlice(at + 19).getString(0, StandardCharsets.ISO_8859_1)));
            at += size;
        }
        return entries;
    }
}
