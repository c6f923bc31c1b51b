package io.efc.fuse;

import io.efc.base.Errno;
import io.efc.base.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Lets the kernel cache everything for ever, and is changed behind its back by {@link ServeMain}'s commands. */
final class ControlledFileSystem extends MemoryFileSystem {
    /** The bytes of {@link #DATA}, the same in each process. */
    static final int DATA_BYTES = 64 << 20;

    static final String DATA = "data";

    /** How long a read or an fsync takes. */
    volatile int slowMillis;

    /** Requests that came again after {@link FuseServer#resend}. */
    final AtomicInteger resent = new AtomicInteger();

    volatile boolean keepCache = true;

    private final ConcurrentHashMap<Long, Integer> backing = new ConcurrentHashMap<>();

    ControlledFileSystem() {
        addFile(DATA, data());
    }

    static byte[] data() {
        byte[] bytes = new byte[DATA_BYTES];
        new SplittableRandom(42).nextBytes(bytes);
        return bytes;
    }

    private long child(String name) {
        return Objects.requireNonNull(node(ROOT).children.get(name));
    }

    synchronized void put(String name, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (node(ROOT).children.containsKey(name)) {
            MemoryNode n = node(child(name));
            n.resize(bytes.length);
            MemorySegment.copy(MemorySegment.ofArray(bytes), 0, n.data(), 0, bytes.length);
        } else {
            addFile(name, bytes);
        }
    }

    synchronized void move(String from, String to) {
        long id = child(from);
        node(ROOT).removeChild(from);
        node(ROOT).put(to, id);
    }

    /** The node that has this name in the root, looked up without the kernel. */
    synchronized long id(String name) {
        return child(name);
    }

    /** Later opens of the file read from and write to the file at {@code path}. */
    void passThrough(String name, String path) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = Libc.open(Libc.cString(arena, path), Libc.O_RDWR | Libc.O_CLOEXEC, 0);
            int id = Objects.requireNonNull(notifier).openBacking(fd);
            Libc.close(fd);
            if (fd < 0 || id <= 0) {
                throw new IllegalStateException("backing " + path + ": " + fd + ", " + id);
            }
            backing.put(id(name), id);
        }
    }

    Errno endPassThrough(String name) {
        return Objects.requireNonNull(notifier).closeBacking(Objects.requireNonNull(backing.remove(id(name))));
    }

    @Override
    public synchronized Errno open(FuseRequest request, long nodeId, int flags, boolean killSuidGid, OpenReply reply) {
        Errno e = super.open(request, nodeId, flags, killSuidGid, reply);
        Integer id = backing.get(nodeId);
        reply.flags(keepCache && id == null ? OpenReply.FOPEN_KEEP_CACHE : 0);
        if (id != null) {
            reply.passthrough(id);
        }
        return e;
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized")
    public Errno read(FuseRequest request, long nodeId, long fh, long offset, int size, DataReply reply) {
        if (request.resent()) {
            resent.incrementAndGet();
        }
        return pause() ? super.read(request, nodeId, fh, offset, size, reply) : Errno.EINTR;
    }

    /** The kernel interrupts this, but not reads, most of which are readahead that nobody waits for by himself. */
    @Override
    public Errno fsync(FuseRequest request, long nodeId, long fh, boolean dataOnly) {
        return pause() ? Errno.OK : Errno.EINTR;
    }

    /** Waits as long as set; false if interrupted. */
    private boolean pause() {
        try {
            Thread.sleep(slowMillis);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized")
    public Errno lookup(FuseRequest request, long parent, FuseName name, EntryReply reply) {
        Errno e = super.lookup(request, parent, name, reply);
        reply.entryValidNanos(EntryReply.FOREVER).attrValidNanos(EntryReply.FOREVER);
        return e;
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized")
    public Errno getattr(FuseRequest request, long nodeId, long fh, AttrReply reply) {
        Errno e = super.getattr(request, nodeId, fh, reply);
        reply.validNanos(EntryReply.FOREVER);
        return e;
    }
}
