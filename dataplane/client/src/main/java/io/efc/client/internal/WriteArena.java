package io.efc.client.internal;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.store.FileHandle;
import io.efc.store.StoreException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The bytes that are acknowledged to programs but not yet with the store: slots of 1 MiB in a mapped file, so that they survive this
 * process. Each slot's header names the file and the place, and is valid on its own: a successor writes what it finds ({@link #leftovers})
 * before it serves. The number of slots bounds the dirty bytes of the mount.
 *
 * <pre>
 * header of 256 bytes, at slot * 256:
 *   0 length u32, 0 = free | 4 mount u16 | 6 handle length u16 | 8 position u64 | 16 uid u32 | 20 gid u32 | 24 sequence u64 | 32 handle
 * data of slot i at headers + i * 1 MiB
 * </pre>
 */
final class WriteArena implements AutoCloseable {
    /** Bytes of a slot. */
    static final int SLOT_BYTES = 1 << 20;

    private static final int HEADER_BYTES = 256;
    private static final int HANDLE = 32;

    private final int fd;
    private final int slots;
    private final MemorySegment memory;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition freed = lock.newCondition();
    private final ArrayDeque<Integer> free = new ArrayDeque<>();
    private final LinkedHashSet<WriteBuffer> gathering = new LinkedHashSet<>();
    private long sequence;
    private boolean closed;

    /** A piece that a former process left. */
    @SuppressWarnings("ArrayRecordComponent")
    record Leftover(
            int slot, long sequence, int mount, FileHandle handle, long position, int length, int uid, int gid) {}

    private WriteArena(int fd, int slots, MemorySegment memory) {
        this.fd = fd;
        this.slots = slots;
        this.memory = memory;
    }

    /** Opens the arena in {@code directory}, or makes it; at least as many slots as {@code dirtyBytes} holds. */
    static WriteArena open(Path directory, long dirtyBytes) {
        String name = directory.resolve("dirty").toString();
        int fd;
        try (Arena arena = Arena.ofConfined()) {
            fd = Libc.open(Libc.cString(arena, name), Libc.O_RDWR | Libc.O_CREAT | Libc.O_CLOEXEC, 0600);
        }
        require(fd, "open " + name);
        long length = Libc.lseek(fd, 0, Libc.SEEK_END);
        int wanted = (int) Math.min(1 << 16, dirtyBytes / SLOT_BYTES);
        int slots = length == 0 ? wanted : (int) (length / (SLOT_BYTES + HEADER_BYTES));
        long bytes = (long) slots * (SLOT_BYTES + HEADER_BYTES);
        try {
            require(length == 0 ? Libc.fallocate(fd, 0, 0, bytes) : 0, "allocate space in " + name);
            int[] errno = new int[1];
            MemorySegment memory = Libc.mmap(bytes, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED, fd, 0, errno);
            require(-errno[0], "map " + name);
            WriteArena arena = new WriteArena(fd, slots, memory);
            for (int slot = 0; slot < slots; slot++) {
                if (memory.get(JAVA_INT, header(slot)) == 0) {
                    arena.free.add(slot);
                }
            }
            return arena;
        } catch (StoreException e) {
            Libc.close(fd);
            throw e;
        }
    }

    private static void require(long result, String what) {
        if (result < 0) {
            throw new StoreException(Errno.ofResult(result), what);
        }
    }

    /** What a former process had acknowledged and not written, oldest first. */
    List<Leftover> leftovers() {
        List<Leftover> found = new ArrayList<>();
        for (int slot = 0; slot < slots; slot++) {
            long at = header(slot);
            int length = memory.get(JAVA_INT, at);
            if (length != 0) {
                byte[] handle = new byte[memory.get(ValueLayout.JAVA_SHORT, at + 6)];
                MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, at + HANDLE, handle, 0, handle.length);
                found.add(new Leftover(
                        slot,
                        memory.get(JAVA_LONG, at + 24),
                        memory.get(ValueLayout.JAVA_SHORT, at + 4),
                        new FileHandle(handle),
                        memory.get(JAVA_LONG, at + 8),
                        length,
                        memory.get(JAVA_INT, at + 16),
                        memory.get(JAVA_INT, at + 20)));
            }
        }
        found.sort(java.util.Comparator.comparingLong(Leftover::sequence));
        sequence = found.isEmpty() ? sequence : found.getLast().sequence;
        return found;
    }

    /**
     * A free slot. While there is none, the longest gathering file has its bytes sent.
     *
     * @throws InterruptedException if the thread was interrupted before there was one
     */
    int take() throws InterruptedException {
        while (true) {
            WriteBuffer oldest;
            lock.lockInterruptibly();
            try {
                Integer slot = free.poll();
                if (slot != null) {
                    return slot;
                }
                Iterator<WriteBuffer> i = gathering.iterator();
                oldest = i.hasNext() ? i.next() : null;
                if (oldest == null) {
                    freed.await();
                    continue;
                }
                gathering.remove(oldest);
            } finally {
                lock.unlock();
            }
            oldest.push();
        }
    }

    /** {@code buffer} gathers bytes in a slot. */
    void gathers(WriteBuffer buffer) {
        lock.lock();
        try {
            gathering.add(buffer);
            freed.signal();
        } finally {
            lock.unlock();
        }
    }

    /** {@code buffer} gathers nothing any more. */
    void settled(WriteBuffer buffer) {
        lock.lock();
        try {
            gathering.remove(buffer);
        } finally {
            lock.unlock();
        }
    }

    /** The buffers that gather bytes now. */
    List<WriteBuffer> gathering() {
        lock.lock();
        try {
            return new ArrayList<>(gathering);
        } finally {
            lock.unlock();
        }
    }

    /** Says whose bytes the slot has; they count from {@link #length}. */
    void describe(int slot, FuseFile file, long position) {
        long at = header(slot);
        byte[] handle = file.inode.handle.bytes();
        memory.set(ValueLayout.JAVA_SHORT, at + 4, (short) file.inode.part.number());
        memory.set(ValueLayout.JAVA_SHORT, at + 6, (short) handle.length);
        memory.set(JAVA_LONG, at + 8, position);
        memory.set(JAVA_INT, at + 16, file.caller.uid());
        memory.set(JAVA_INT, at + 20, file.caller.gid());
        lock.lock();
        try {
            memory.set(JAVA_LONG, at + 24, ++sequence);
        } finally {
            lock.unlock();
        }
        MemorySegment.copy(handle, 0, memory, ValueLayout.JAVA_BYTE, at + HANDLE, handle.length);
    }

    /** The first {@code bytes} of the slot are acknowledged from now on. */
    void length(int slot, int bytes) {
        java.lang.invoke.VarHandle.releaseFence();
        memory.set(JAVA_INT, header(slot), bytes);
    }

    /** The slot's bytes are with the store, or their loss is told. */
    void give(int slot) {
        memory.set(JAVA_INT, header(slot), 0);
        lock.lock();
        try {
            free.add(slot);
            freed.signal();
        } finally {
            lock.unlock();
        }
    }

    MemorySegment memory() {
        return memory;
    }

    /** Where the slot's bytes are in {@link #memory}. */
    long data(int slot) {
        return (long) slots * HEADER_BYTES + (long) slot * SLOT_BYTES;
    }

    int freeSlots() {
        lock.lock();
        try {
            return free.size();
        } finally {
            lock.unlock();
        }
    }

    int slots() {
        return slots;
    }

    private static long header(int slot) {
        return (long) slot * HEADER_BYTES;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                Libc.munmap(memory.address(), memory.byteSize());
                Libc.close(fd);
            }
        } finally {
            lock.unlock();
        }
    }
}
