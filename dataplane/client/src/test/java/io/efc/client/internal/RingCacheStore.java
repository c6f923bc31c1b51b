package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.cache.CacheKey;
import io.efc.rpc.MountSpec;
import io.efc.store.FileHandle;
import io.efc.store.ReadResult;
import io.efc.store.StoreAttr;
import io.efc.store.StoreException;
import io.efc.store.UnderStore;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A store whose files exist as soon as they are named: the handle carries number and size, the bytes are a function of number, version and
 * position. Only what a worker needs is there; anything else throws.
 */
final class RingCacheStore {
    final AtomicLong reads = new AtomicLong();
    final AtomicLong bytes = new AtomicLong();
    final ConcurrentMap<Long, Long> versions = new ConcurrentHashMap<>();
    volatile int delayMillis;
    volatile @Nullable Errno failure;
    volatile @Nullable Integer onlyUid;
    volatile CountDownLatch gate = new CountDownLatch(0);

    UnderStore open(MountSpec mount) {
        return (UnderStore) Proxy.newProxyInstance(
                RingCacheStore.class.getClassLoader(), new Class<?>[] {UnderStore.class}, (proxy, method, args) -> {
                    return switch (method.getName()) {
                        case "read" ->
                            read(
                                    (Credentials) args[0],
                                    (FileHandle) args[1],
                                    (long) args[2],
                                    (MemorySegment) args[3],
                                    (long) args[4],
                                    (int) args[5]);
                        case "getattr" -> attr((FileHandle) args[1]);
                        case "close" -> null;
                        case "toString" -> "test store " + mount.name();
                        default -> throw new UnsupportedOperationException(method.getName());
                    };
                });
    }

    private ReadResult read(Credentials caller, FileHandle file, long position, MemorySegment to, long at, int length) {
        reads.incrementAndGet();
        Errno bad = failure;
        if (bad != null) {
            throw new StoreException(bad, "read");
        }
        Integer uid = onlyUid;
        if (uid != null && caller.uid() != uid) {
            throw new StoreException(Errno.EACCES, "read");
        }
        try {
            gate.await();
            if (delayMillis > 0) {
                Thread.sleep(delayMillis);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Errno.EINTR, "read");
        }
        StoreAttr attr = attr(file);
        int count = (int) Math.max(0, Math.min(length, attr.size() - position));
        fill(id(file), attr.version(), position, to, at, count);
        bytes.addAndGet(count);
        return new ReadResult(count, position + count == attr.size(), position / 4096 % 2 == 0 ? attr : null);
    }

    private StoreAttr attr(FileHandle file) {
        long id = id(file);
        long mtime = versions.getOrDefault(id, 1L);
        return new StoreAttr(id, 1, 0100644, 1, 0, 0, 0, size(file), 0, 0, mtime, mtime, mtime);
    }

    private static long id(FileHandle file) {
        return ByteBuffer.wrap(file.bytes()).getLong(0);
    }

    private static long size(FileHandle file) {
        return ByteBuffer.wrap(file.bytes()).getLong(8);
    }

    /** What the client would ask for: a file of the current version. */
    ClusterCache.CachedFile file(long dataset, long id, long size) {
        byte[] handle = ByteBuffer.allocate(16).putLong(id).putLong(size).array();
        long version = attr(new FileHandle(handle)).version();
        return new ClusterCache.CachedFile(
                new CacheKey(dataset, id * 0x9E3779B97F4A7C15L, ~id, version, size),
                handle,
                0,
                Credentials.of(1000, 1000));
    }

    /** The bytes of a file. */
    static void fill(long id, long version, long position, MemorySegment to, long at, int count) {
        long seed = id * 0x9E3779B97F4A7C15L + version;
        for (int i = 0; i < count; ) {
            long p = position + i;
            long word = mix(seed + (p >> 3));
            if ((p & 7) == 0 && count - i >= 8) {
                to.set(ValueLayout.JAVA_LONG_UNALIGNED, at + i, word);
                i += 8;
            } else {
                to.set(ValueLayout.JAVA_BYTE, at + i, (byte) (word >>> (8 * (p & 7))));
                i++;
            }
        }
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        return z ^ (z >>> 27);
    }
}
