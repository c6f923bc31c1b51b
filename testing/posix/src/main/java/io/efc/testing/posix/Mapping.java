package io.efc.testing.posix;

import io.efc.base.Errno;
import io.efc.base.Libc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** A mapped file. */
final class Mapping implements AutoCloseable {
    /** msync: write and wait. */
    static final int MS_SYNC = 4;

    private final MemorySegment memory;

    private Mapping(MemorySegment memory) {
        this.memory = memory;
    }

    static Mapping of(long fd, long size, int protection, int flags) {
        int[] errno = new int[1];
        MemorySegment memory = Libc.mmap(size, protection, flags, (int) fd, 0, errno);
        if (errno[0] != 0) {
            throw new Broken("mmap: " + Errno.of(errno[0]));
        }
        return new Mapping(memory);
    }

    /** Maps and unmaps: 0 or minus the errno. */
    static long errno(long fd, long size, int protection, int flags) {
        int[] errno = new int[1];
        MemorySegment memory = Libc.mmap(size, protection, flags, (int) fd, 0, errno);
        if (errno[0] != 0) {
            return -errno[0];
        }
        return Libc.munmap(memory.address(), size);
    }

    String text(long at, int length) {
        byte[] bytes = memory.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    void put(long at, String data) {
        byte[] bytes = data.getBytes(StandardCharsets.ISO_8859_1);
        MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, at, bytes.length);
    }

    MemorySegment memory() {
        return memory;
    }

    long sync() {
        return Libc.msync(memory.address(), memory.byteSize(), MS_SYNC);
    }

    @Override
    public void close() {
        Libc.munmap(memory.address(), memory.byteSize());
    }
}
