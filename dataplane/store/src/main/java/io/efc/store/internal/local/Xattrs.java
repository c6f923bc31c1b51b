package io.efc.store.internal.local;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;
import io.efc.store.StoreException;
import io.efc.store.internal.Names;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Extended attributes (xattr(7)) of the file that an O_PATH descriptor stands for, with the caller's rights. */
final class Xattrs {
    /** XATTR_SIZE_MAX and XATTR_LIST_MAX (linux/limits.h). */
    private static final int BYTES_MAX = 65536;

    private static final byte[] TRUSTED = "trusted.".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SECURITY = "security.".getBytes(StandardCharsets.US_ASCII);

    private Xattrs() {}

    static byte[] get(Credentials caller, int fd, byte[] name) {
        if (caller.uid() != 0 && startsWith(name, 0, TRUSTED)) {
            throw new StoreException(Errno.ENODATA, "getxattr " + Names.text(name));
        }
        Scratch s = Scratch.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment cName = Libc.cString(arena, name);
            MemorySegment value = arena.allocate(BYTES_MAX);
            long size = Rights.as(caller, () -> FileCalls.getxattr(s.fdPath(fd), cName, value, 0, BYTES_MAX));
            return bytes(value, size, "getxattr " + Names.text(name));
        }
    }

    static void set(Credentials caller, int fd, byte[] name, byte[] value, int flags) {
        guard(caller, name, "setxattr ");
        if (value.length > BYTES_MAX) {
            throw new StoreException(Errno.E2BIG, "setxattr of " + value.length + " bytes");
        }
        Scratch s = Scratch.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment cName = Libc.cString(arena, name);
            MemorySegment from = arena.allocate(Math.max(1, value.length));
            MemorySegment.copy(value, 0, from, JAVA_BYTE, 0, value.length);
            long result =
                    Rights.as(caller, () -> FileCalls.setxattr(s.fdPath(fd), cName, from, 0, value.length, flags));
            check(result, "setxattr " + Names.text(name));
        }
    }

    static byte[] list(Credentials caller, int fd) {
        Scratch s = Scratch.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment names = arena.allocate(BYTES_MAX);
            long size = Rights.as(caller, () -> FileCalls.listxattr(s.fdPath(fd), names, 0, BYTES_MAX));
            byte[] all = bytes(names, size, "listxattr");
            return caller.uid() == 0 ? all : withoutTrusted(all);
        }
    }

    static void remove(Credentials caller, int fd, byte[] name) {
        guard(caller, name, "removexattr ");
        Scratch s = Scratch.get();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment cName = Libc.cString(arena, name);
            long result = Rights.as(caller, () -> FileCalls.removexattr(s.fdPath(fd), cName));
            check(result, "removexattr " + Names.text(name));
        }
    }

    /** The kernel would let this process change what its callers may not: see {@link Rights}. */
    private static void guard(Credentials caller, byte[] name, String what) {
        if (caller.uid() != 0 && (startsWith(name, 0, TRUSTED) || startsWith(name, 0, SECURITY))) {
            throw new StoreException(Errno.EPERM, what + Names.text(name));
        }
    }

    private static byte[] withoutTrusted(byte[] names) {
        ByteArrayOutputStream kept = new ByteArrayOutputStream(names.length);
        int start = 0;
        for (int i = 0; i < names.length; i++) {
            if (names[i] == 0) {
                if (!startsWith(names, start, TRUSTED)) {
                    kept.write(names, start, i + 1 - start);
                }
                start = i + 1;
            }
        }
        return kept.toByteArray();
    }

    private static boolean startsWith(byte[] name, int offset, byte[] prefix) {
        return name.length - offset >= prefix.length
                && Arrays.equals(name, offset, offset + prefix.length, prefix, 0, prefix.length);
    }

    private static byte[] bytes(MemorySegment segment, long size, String what) {
        check(size, what);
        return segment.asSlice(0, size).toArray(JAVA_BYTE);
    }

    private static void check(long result, String what) {
        if (result < 0) {
            throw new StoreException(Errno.ofResult(result), what);
        }
    }
}
