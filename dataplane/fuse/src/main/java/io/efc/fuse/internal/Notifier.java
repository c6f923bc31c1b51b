package io.efc.fuse.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.efc.base.Check;
import io.efc.base.Errno;
import io.efc.base.Metrics;
import io.efc.fuse.FuseFlags;
import io.efc.fuse.FuseNegotiated;
import io.efc.fuse.FuseNotifier;
import io.efc.fuse.internal.wire.BackingMap;
import io.efc.fuse.internal.wire.NotifyDelete;
import io.efc.fuse.internal.wire.NotifyInvalEntry;
import io.efc.fuse.internal.wire.NotifyInvalInode;
import io.efc.fuse.internal.wire.NotifyStore;
import io.efc.fuse.internal.wire.OutHeader;
import java.lang.System.Logger;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Queues notifications and writes them from a thread of its own, {@code fuse-notify}, in order. The queue holds at most {@value
 * #ENTRIES_MAX} notifications and {@value #BYTES_MAX} bytes; callers wait for room. After {@link #stop} everything is dropped.
 *
 * <p>{@code lock} guards the queue and the counts.
 */
final class Notifier implements FuseNotifier {
    static final int ENTRIES_MAX = 1024;
    static final int BYTES_MAX = 16 << 20;

    /** The most bytes of one STORE; more are sent in several. */
    static final int STORE_MAX = 1 << 20;

    private static final Logger LOG = System.getLogger(Notifier.class.getName());

    /** _IOW(229, 1, struct fuse_backing_map). */
    private static final long FUSE_DEV_IOC_BACKING_OPEN = 0x4010_e501L;

    /** _IOW(229, 2, uint32_t). */
    private static final long FUSE_DEV_IOC_BACKING_CLOSE = 0x4004_e502L;

    private static final int FUSE_EXPIRE_ONLY = 1;

    /** enum fuse_notify_code. */
    private enum Code {
        INVAL_INODE(2),
        INVAL_ENTRY(3),
        STORE(4),
        DELETE(6),
        INC_EPOCH(8);

        final int number;

        Code(int number) {
            this.number = number;
        }
    }

    private record Message(Code code, MemorySegment bytes) {}

    private final Device device;
    private final FuseNegotiated negotiated;
    private final Map<Code, Metrics.Counter> sent = new EnumMap<>(Code.class);
    private final Metrics.Counter failed;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Message> queue = new ArrayDeque<>();
    private long queuedBytes;
    private long accepted;
    private long done;
    private boolean stopped;

    Notifier(Device device, FuseNegotiated negotiated, Metrics metrics) {
        this.device = device;
        this.negotiated = negotiated;
        for (Code c : Code.values()) {
            sent.put(
                    c,
                    metrics.counter(
                            "efc_fuse_notifications_total",
                            "Notifications written to the kernel.",
                            "kind",
                            c.name().toLowerCase(Locale.ROOT)));
        }
        failed = metrics.counter(
                "efc_fuse_notification_failures_total",
                "Notifications that the kernel refused, apart from those about what it does not know.");
        thread = Thread.ofPlatform().name("fuse-notify").daemon(true).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Drops what is queued and ends the thread once its write returns. */
    void stop() {
        lock.lock();
        try {
            stopped = true;
            queue.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the thread's end; false if it has not come after {@code nanos}. */
    boolean awaitEnd(long nanos) throws InterruptedException {
        return thread.join(Duration.ofNanos(nanos));
    }

    @Override
    public void invalidateInode(long nodeId, long offset, long length) {
        MemorySegment m = message(NotifyInvalInode.BYTES);
        NotifyInvalInode out = new NotifyInvalInode();
        out.wrap(m, OutHeader.BYTES);
        out.nodeId(nodeId).offset(offset).length(length);
        submit(Code.INVAL_INODE, m);
    }

    @Override
    public void invalidateEntry(long parent, byte[] name, boolean expireOnly) {
        MemorySegment m = named(NotifyInvalEntry.BYTES, name);
        NotifyInvalEntry out = new NotifyInvalEntry();
        out.wrap(m, OutHeader.BYTES);
        boolean expire = expireOnly && negotiated.has(FuseFlags.HAS_EXPIRE_ONLY);
        out.parent(parent).nameLength(name.length).flags(expire ? FUSE_EXPIRE_ONLY : 0);
        submit(Code.INVAL_ENTRY, m);
    }

    @Override
    public void delete(long parent, long child, byte[] name) {
        MemorySegment m = named(NotifyDelete.BYTES, name);
        NotifyDelete out = new NotifyDelete();
        out.wrap(m, OutHeader.BYTES);
        out.parent(parent).child(child).nameLength(name.length);
        submit(Code.DELETE, m);
    }

    @Override
    public void store(long nodeId, long offset, MemorySegment from, long fromOffset, int length) {
        Check.argument(offset >= 0 && length >= 0, "store of %d bytes at %d", length, offset);
        for (int done = 0; done < length; done += STORE_MAX) {
            int n = Math.min(STORE_MAX, length - done);
            MemorySegment m = message(NotifyStore.BYTES + n);
            NotifyStore out = new NotifyStore();
            out.wrap(m, OutHeader.BYTES);
            out.nodeId(nodeId).offset(offset + done).size(n);
            MemorySegment.copy(from, fromOffset + done, m, OutHeader.BYTES + NotifyStore.BYTES, n);
            submit(Code.STORE, m);
        }
    }

    @Override
    public void incrementEpoch() {
        submit(Code.INC_EPOCH, message(0));
    }

    @Override
    public boolean drain(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long target = accepted;
            long left = nanos;
            while (!stopped && done < target && left > 0) {
                left = changed.awaitNanos(left);
            }
            return stopped || done >= target;
        } finally {
            lock.unlock();
        }
    }

    private static MemorySegment message(int payload) {
        return Arena.ofAuto().allocate((long) OutHeader.BYTES + payload, 8);
    }

    /** A message with a name and its NUL after {@code fixed} bytes of struct. */
    private static MemorySegment named(int fixed, byte[] name) {
        Check.argument(name.length > 0 && name.length <= Exchange.NAME_MAX, "a name of %d bytes", name.length);
        MemorySegment m = message(fixed + name.length + 1);
        MemorySegment.copy(name, 0, m, JAVA_BYTE, (long) OutHeader.BYTES + fixed, name.length);
        return m;
    }

    private void submit(Code code, MemorySegment m) {
        OutHeader header = new OutHeader();
        header.wrap(m, 0);
        header.length((int) m.byteSize()).error(code.number).unique(0);
        lock.lock();
        try {
            while (!stopped && (queue.size() >= ENTRIES_MAX || queuedBytes + m.byteSize() > BYTES_MAX)) {
                changed.awaitUninterruptibly();
            }
            if (!stopped) {
                queue.add(new Message(code, m));
                queuedBytes += m.byteSize();
                accepted++;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        while (true) {
            Message m = take();
            if (m == null) {
                return;
            }
            write(m);
            lock.lock();
            try {
                done++;
                queuedBytes -= m.bytes.byteSize();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private @Nullable Message take() {
        lock.lock();
        try {
            while (!stopped && queue.isEmpty()) {
                changed.awaitUninterruptibly();
            }
            return queue.poll();
        } finally {
            lock.unlock();
        }
    }

    /** ENOENT is normal: the kernel does not have that node or name in its caches. ENOTEMPTY and EBUSY leave a deleted name to a lookup. */
    private void write(Message m) {
        long n = device.write(m.bytes, 0, m.bytes.byteSize());
        Objects.requireNonNull(sent.get(m.code)).increment();
        if (n >= 0) {
            return;
        }
        Errno errno = Errno.ofResult(n);
        switch (errno) {
            case ENOENT, ENOTDIR, ENOTEMPTY, EBUSY, ENODEV, ENOTCONN -> {}
            default -> {
                failed.increment();
                LOG.log(Logger.Level.WARNING, "fuse: the kernel refused a {0} notification: {1}", m.code, errno.text());
            }
        }
    }

    @Override
    public int openBacking(int fd) {
        if (!negotiated.has(FuseFlags.PASSTHROUGH)) {
            return -Errno.EPERM.code();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment m = arena.allocate(BackingMap.BYTES, 8);
            BackingMap map = new BackingMap();
            map.wrap(m, 0);
            map.fd(fd);
            return device.ioctl(FUSE_DEV_IOC_BACKING_OPEN, m.address());
        }
    }

    @Override
    public Errno closeBacking(int backingId) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment id = arena.allocateFrom(ValueLayout.JAVA_INT, backingId);
            return Errno.ofResult(device.ioctl(FUSE_DEV_IOC_BACKING_CLOSE, id.address()));
        }
    }
}
