package io.efc.client.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.efc.base.Check;
import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.store.StoreException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * Slots of one size in a mapped file that grows: what is in them survives the process. The whole address range is mapped at once and the
 * file's space is allocated behind it, {@value #EXTENT_BYTES} bytes at a time, so that a full file system is an error here and never a
 * SIGBUS later. Slot numbers start at 1.
 *
 * <pre>
 * header page:  0 magic u64 | 8 slot size u32 | 12 version u32 | 16 slots ever used u64
 * slot:         0 state u32, 0 = free | ... | 16 next free slot u64 while free
 * </pre>
 *
 * <p>The free list is rebuilt when the file is opened again, so that a crash between two stores cannot tear it.
 */
final class Slab implements AutoCloseable {
    private static final long MAGIC = 0x3142414c53434645L;
    private static final int VERSION = 1;
    private static final long HEADER_BYTES = 4096;
    private static final long EXTENT_BYTES = 1L << 20;
    private static final long NEXT_FREE = 16;

    private final int fd;
    private final int slotBytes;
    private final long slotsMax;
    private final MemorySegment memory;
    private final String name;
    private long allocatedBytes;
    private volatile long used;
    private long firstFree;
    private long live;
    private boolean closed;

    private Slab(String name, int fd, int slotBytes, long slotsMax, MemorySegment memory) {
        this.name = name;
        this.fd = fd;
        this.slotBytes = slotBytes;
        this.slotsMax = slotsMax;
        this.memory = memory;
    }

    /**
     * Opens {@code file}, or makes it.
     *
     * @param slotBytes at least 24, a multiple of 8
     * @throws StoreException if the file cannot be had, or is not a slab of this slot size
     */
    static Slab open(Path file, int slotBytes, long slotsMax) {
        Check.argument(slotBytes >= 24 && slotBytes % 8 == 0, "a slot cannot have %d bytes", slotBytes);
        String name = file.toString();
        int fd;
        try (Arena arena = Arena.ofConfined()) {
            int flags = Libc.O_RDWR | Libc.O_CREAT | Libc.O_CLOEXEC;
            fd = Libc.open(Libc.cString(arena, name), flags, 0600);
        }
        require(fd, "open " + name);
        long length = Libc.lseek(fd, 0, Libc.SEEK_END);
        require(length, "seek in " + name);
        int[] errno = new int[1];
        long bytes = HEADER_BYTES + slotBytes * slotsMax;
        MemorySegment memory =
                Libc.mmap(bytes, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED | Libc.MAP_NORESERVE, fd, 0, errno);
        if (errno[0] != 0) {
            Libc.close(fd);
            throw new StoreException(Errno.of(errno[0]), "map " + name);
        }
        Slab slab = new Slab(name, fd, slotBytes, slotsMax, memory);
        try {
            if (length == 0) {
                slab.format();
            } else {
                slab.recover(length);
            }
            return slab;
        } catch (RuntimeException e) {
            slab.close();
            throw e;
        }
    }

    private void format() {
        grow(HEADER_BYTES);
        memory.set(JAVA_LONG, 0, MAGIC);
        memory.set(JAVA_INT, 8, slotBytes);
        memory.set(JAVA_INT, 12, VERSION);
    }

    private void recover(long length) {
        boolean ours = length >= HEADER_BYTES
                && memory.get(JAVA_LONG, 0) == MAGIC
                && memory.get(JAVA_INT, 8) == slotBytes
                && memory.get(JAVA_INT, 12) == VERSION;
        if (!ours) {
            throw new StoreException(Errno.EINVAL, name + " is not a table of " + slotBytes + "-byte slots");
        }
        allocatedBytes = length;
        used = memory.get(JAVA_LONG, 16);
        Check.state(
                used >= 0 && used <= slotsMax && HEADER_BYTES + used * slotBytes <= length,
                "the table claims %d slots in %d bytes",
                used,
                length);
        for (long slot = used; slot >= 1; slot--) {
            if (memory.get(JAVA_INT, offset(slot)) == 0) {
                memory.set(JAVA_LONG, offset(slot) + NEXT_FREE, firstFree);
                firstFree = slot;
            } else {
                live++;
            }
        }
    }

    /** The mapping; slots are at {@link #offset}. */
    MemorySegment memory() {
        return memory;
    }

    long offset(long slot) {
        return HEADER_BYTES + (slot - 1) * slotBytes;
    }

    /** True if {@code slot} was ever taken. */
    boolean covers(long slot) {
        return slot >= 1 && slot <= used;
    }

    /** The highest slot ever taken. */
    long used() {
        return used;
    }

    synchronized long live() {
        return live;
    }

    /** Bytes of the file. */
    synchronized long bytes() {
        return allocatedBytes;
    }

    /** A free slot, its state still 0; ENOMEM if all are taken, or the error of a full file system. */
    synchronized long take() {
        long slot = firstFree;
        if (slot != 0) {
            firstFree = memory.get(JAVA_LONG, offset(slot) + NEXT_FREE);
        } else {
            if (used >= slotsMax) {
                throw new StoreException(Errno.ENOMEM, name + " is full with " + used + " slots");
            }
            grow(HEADER_BYTES + (used + 1) * slotBytes);
            slot = used + 1;
            used = slot;
            memory.set(JAVA_LONG, 16, used);
        }
        live++;
        return slot;
    }

    /** Takes back {@code slot}, whose state must be 0 by now. */
    synchronized void give(long slot) {
        Check.state(memory.get(JAVA_INT, offset(slot)) == 0, "slot %d is still in use", slot);
        memory.set(JAVA_LONG, offset(slot) + NEXT_FREE, firstFree);
        firstFree = slot;
        live--;
    }

    private void grow(long bytes) {
        if (bytes <= allocatedBytes) {
            return;
        }
        long target =
                Math.min((bytes + EXTENT_BYTES - 1) / EXTENT_BYTES * EXTENT_BYTES, HEADER_BYTES + slotBytes * slotsMax);
        require(Libc.fallocate(fd, 0, allocatedBytes, target - allocatedBytes), "allocate space in " + name);
        allocatedBytes = target;
    }

    private static void require(long result, String what) {
        if (result < 0) {
            throw new StoreException(Errno.ofResult(result), what);
        }
    }

    /** Unmaps; the file stays. Nobody may use {@link #memory} any more. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Libc.munmap(memory.address(), memory.byteSize());
            Libc.close(fd);
        }
    }
}
