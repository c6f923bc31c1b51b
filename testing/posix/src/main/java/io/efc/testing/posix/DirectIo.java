package io.efc.testing.posix;

import io.efc.base.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** O_DIRECT, whose buffers must be aligned. */
final class DirectIo {
    private static final int BLOCK = 4096;

    private DirectIo() {}

    /** Writes two blocks past the page cache, reads them back both ways. */
    static void roundTrip(Scene t) {
        long fd = t.ok(t.open("f", Libc.O_CREAT | Libc.O_RDWR | Libc.O_DIRECT));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment block = arena.allocate(2 * BLOCK, BLOCK);
            for (int i = 0; i < 2 * BLOCK; i++) {
                block.set(ValueLayout.JAVA_BYTE, i, (byte) (i * 31 + i / BLOCK));
            }
            t.equal(2 * BLOCK, Libc.pwrite((int) fd, block, 0, 2 * BLOCK, 0), "bytes written");
            MemorySegment back = arena.allocate(2 * BLOCK, BLOCK);
            t.equal(2 * BLOCK, Libc.pread((int) fd, back, 0, 2 * BLOCK, 0), "bytes read past the cache");
            t.equal(-1, block.mismatch(back), "first difference");
            int buffered = (int) t.ok(t.open("f", Libc.O_RDONLY));
            back.fill((byte) 0);
            t.equal(2 * BLOCK, Libc.pread(buffered, back, 0, 2 * BLOCK, 0), "bytes read through the cache");
            t.equal(-1, block.mismatch(back), "first difference");
            t.equal(0, Libc.pread((int) fd, back, 0, BLOCK, 2 * BLOCK), "bytes read at the end");
        }
    }
}
