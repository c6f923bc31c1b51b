package io.efc.cache;

import com.sun.management.ThreadMXBean;
import io.efc.base.ByteSize;
import io.efc.base.Libc;
import io.efc.base.Metrics;
import io.efc.base.Ticker;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/**
 * Measures the CPU time of one thread on tmpfs, which other load disturbs less than wall time: medians of five, each
 * row beside raw memory copy, CRC32C and pread in the same run; then the memory of the index. Run with {@code mvn -pl
 * dataplane/cache -am test-compile} and {@code java -cp <test class path> io.efc.cache.CacheBench [MiB]}.
 */
final class CacheBench {
    private static final int ROUNDS = 5;
    private static final int MIB = 1 << 20;

    private final Path root = CacheFixture.temporary();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(4L * MIB, 4096);
    private final MemorySegment other = arena.allocate(64L * MIB, 4096);
    private final long bytes;

    private CacheBench(long bytes) {
        this.bytes = bytes;
    }

    private interface Work {
        /** The number of operations done. */
        long run();
    }

    public static void main(String[] args) throws IOException {
        CacheBench bench = new CacheBench((args.length > 0 ? Long.parseLong(args[0]) : 512) * MIB);
        try {
            bench.speed();
            bench.memory();
        } finally {
            bench.arena.close();
            CacheFixture.delete(bench.root);
        }
    }

    private void row(String name, int size, Work work) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        double[] nanos = new double[ROUNDS];
        double[] allocated = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            long heap = threads.getCurrentThreadAllocatedBytes();
            long start = threads.getCurrentThreadCpuTime();
            long operations = work.run();
            nanos[i] = (threads.getCurrentThreadCpuTime() - start) / (double) operations;
            allocated[i] = (threads.getCurrentThreadAllocatedBytes() - heap) / (double) operations;
        }
        Arrays.sort(nanos);
        Arrays.sort(allocated);
        System.out.printf(
                Locale.ROOT,
                "%-34s %10.0f ns/op %8.2f GB/s %8.1f B/op%n",
                name,
                nanos[ROUNDS / 2],
                size / nanos[ROUNDS / 2],
                allocated[ROUNDS / 2]);
    }

    private void speed() {
        TierConfig tier = new TierConfig(Medium.MEM, root.resolve("t"), new ByteSize(2 * bytes));
        try (BlockCache cache = BlockCache.open(new CacheConfig(List.of(tier)), new Metrics(), Ticker.system())) {
            CacheKey key = Contents.key(1, 1, bytes);
            int[] sizes = {4096, 65536, 131072, MIB};
            row("memory copy 1 MiB", MIB, () -> {
                for (int i = 0; i < 512; i++) {
                    MemorySegment.copy(other, (i & 63) * (long) MIB, buffer, 0, MIB);
                }
                return 512;
            });
            CRC32C crc = new CRC32C();
            java.nio.ByteBuffer view = other.asByteBuffer();
            row("CRC32C 1 MiB", MIB, () -> {
                for (int i = 0; i < 512; i++) {
                    view.limit(((i & 63) + 1) * MIB).position((i & 63) * MIB);
                    crc.update(view);
                }
                return 512;
            });
            rawWrite();
            int[] version = {1};
            row("cache put 1 MiB, new file", MIB, () -> {
                CacheKey fresh = Contents.key(2, ++version[0], bytes / 4);
                cache.invalidateOthers(fresh);
                for (long p = 0; p < fresh.size(); p += MIB) {
                    cache.put(fresh, p, other, 0, MIB);
                }
                return fresh.size() / MIB;
            });
            for (long p = 0; p < bytes; p += MIB) {
                cache.put(key, p, other, 0, MIB);
            }
            for (int size : sizes) {
                sequential(cache, key, size);
            }
            random(cache, key);
            pins(cache, key);
            smallFiles(cache);
        }
    }

    private void rawWrite() {
        row("tmpfs pwrite 1 MiB, new file", MIB, () -> {
            try (Arena confined = Arena.ofConfined()) {
                MemorySegment name = confined.allocateFrom(root.resolve("raw").toString());
                int fd = Libc.open(name, Libc.O_RDWR | Libc.O_CREAT | Libc.O_TRUNC | Libc.O_CLOEXEC, 0600);
                for (long p = 0; p < bytes / 4; p += MIB) {
                    Libc.pwrite(fd, other, 0, MIB, p);
                }
                Libc.close(fd);
            }
            return bytes / 4 / MIB;
        });
    }

    private void sequential(BlockCache cache, CacheKey key, int size) {
        BlockPin pin = Objects.requireNonNull(cache.pin(key, 0, size));
        int fd = pin.fd();
        String what = ByteSize.ofKiB(size >> 10) + "";
        row("tmpfs pread " + what, size, () -> {
            for (long p = 0; p < bytes; p += size) {
                Libc.pread(fd, buffer, 0, size, p);
            }
            return bytes / size;
        });
        row("tmpfs pread + CRC32C of 64Ki, " + what, size, () -> {
            CRC32C crc = new CRC32C();
            java.nio.ByteBuffer view = buffer.asByteBuffer();
            int whole = Math.max(size, BlockCache.SUB_RANGE);
            for (long p = 0; p < bytes; p += size) {
                Libc.pread(fd, buffer, 0, whole, p / whole * whole);
                view.limit(whole).position(0);
                crc.update(view);
            }
            return bytes / size;
        });
        pin.close();
        row("cache read " + what, size, () -> {
            for (long p = 0; p < bytes; p += size) {
                if (cache.read(key, p, buffer, 0, size) != size) {
                    throw new IllegalStateException("missed " + p);
                }
            }
            return bytes / size;
        });
    }

    private void random(BlockCache cache, CacheKey key) {
        row("cache read 4Ki, random", 4096, () -> {
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < 100_000; i++) {
                cache.read(key, random.nextLong(bytes / 4096) * 4096, buffer, 0, 4096);
            }
            return 100_000;
        });
    }

    private void pins(BlockCache cache, CacheKey key) {
        row("cache pin and close 64Ki", 0, () -> {
            for (int i = 0; i < 1_000_000; i++) {
                Objects.requireNonNull(cache.pin(key, (i & 1023) * 65536L, 65536))
                        .close();
            }
            return 1_000_000;
        });
        row("cache miss", 0, () -> {
            CacheKey absent = Contents.key(9, 9, bytes);
            for (int i = 0; i < 1_000_000; i++) {
                cache.read(absent, (i & 1023) * 65536L, buffer, 0, 65536);
            }
            return 1_000_000;
        });
    }

    private void smallFiles(BlockCache cache) {
        CacheKey[] keys = new CacheKey[20_000];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = Contents.key(100 + i, 1, 4096);
        }
        row("cache put small file 4Ki", 4096, () -> {
            for (CacheKey key : keys) {
                cache.invalidateFile(key.dataset(), key.fileHi(), key.fileLo());
                cache.put(key, 0, other, 0, 4096);
            }
            return keys.length;
        });
        row("cache read small file 4Ki", 4096, () -> {
            for (CacheKey key : keys) {
                cache.read(key, 0, buffer, 0, 4096);
            }
            return keys.length;
        });
    }

    private void memory() throws IOException {
        int smallFiles = 1_000_000;
        int blocks = 32_768;
        TierConfig tier = new TierConfig(Medium.MEM, root.resolve("m"), ByteSize.ofGiB(3));
        try (BlockCache cache = BlockCache.open(new CacheConfig(List.of(tier)), new Metrics(), Ticker.system())) {
            long heap = heap();
            for (int i = 0; i < smallFiles; i++) {
                cache.put(Contents.key(i, 1, 16), 0, other, 0, 16);
            }
            CacheUsage.Tier usage = cache.usage().tiers().getFirst();
            System.out.printf(
                    Locale.ROOT,
                    "%d small files: heap %d B, index %.1f B each%n",
                    usage.smallFiles(),
                    heap() - heap,
                    usage.indexBytes() / (double) smallFiles);
        }
        CacheFixture.delete(root.resolve("m"));
        try (BlockCache cache = BlockCache.open(new CacheConfig(List.of(tier)), new Metrics(), Ticker.system())) {
            long heap = heap();
            CacheKey key = Contents.key(1, 1, (long) blocks * MIB);
            for (long p = 0; p < key.size(); p += MIB) {
                cache.put(key, p, other, 0, BlockCache.SUB_RANGE);
            }
            CacheUsage.Tier usage = cache.usage().tiers().getFirst();
            System.out.printf(
                    Locale.ROOT,
                    "%d blocks: heap %d B, index %.1f B each%n",
                    usage.blocks(),
                    heap() - heap,
                    usage.indexBytes() / (double) blocks);
        }
    }

    private static long heap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
