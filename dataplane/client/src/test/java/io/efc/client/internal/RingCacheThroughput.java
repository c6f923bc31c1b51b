package io.efc.client.internal;

import io.efc.base.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.LongConsumer;

/**
 * How fast a warm worker in another process is read, beside what the memory itself gives in the same run. Run with the tests' class path:
 * {@code java -cp ... io.efc.client.internal.RingCacheThroughput [MiB] [KiB a read] [threads]}.
 */
final class RingCacheThroughput {
    private static final int BLOCK = 1 << 20;

    private final long total;
    private final int chunk;
    private final int threads;

    private RingCacheThroughput(long total, int chunk, int threads) {
        this.total = total;
        this.chunk = chunk;
        this.threads = threads;
    }

    public static void main(String[] args) throws Exception {
        long mib = args.length > 0 ? Long.parseLong(args[0]) : 1024;
        int kib = args.length > 1 ? Integer.parseInt(args[1]) : 1024;
        int threads = args.length > 2 ? Integer.parseInt(args[2]) : 1;
        new RingCacheThroughput(mib << 20, kib << 10, threads).run();
    }

    private void run() throws Exception {
        try (RingCacheFixture cluster = new RingCacheFixture(BLOCK, 1);
                Arena arena = Arena.ofShared();
                RingCacheProcess worker = new RingCacheProcess(cluster, "w0", "here", total * 5 / 4)) {
            System.out.printf("%d MiB, reads of %d KiB, %d threads%n", total >> 20, chunk >> 10, threads);
            memory(arena, cluster.dir);
            ClusterCache.CachedFile file = cluster.store.file(RingCacheFixture.DATASET, 1, total);
            for (String node : new String[] {"here", "there"}) {
                RingCache cache = cluster.client(node, "bench-" + node);
                String transport = node.equals("here") ? "unix socket" : "TCP loopback";
                MemorySegment[] to = new MemorySegment[threads];
                for (int i = 0; i < threads; i++) {
                    to[i] = arena.allocate(chunk, 4096);
                }
                for (int round = 0; round < 4; round++) {
                    double own = RingCacheProcess.cpuSeconds("self");
                    double other = worker.cpuSeconds();
                    double seconds = inThreads(i -> read(cache, file, to[(int) i], i));
                    report(
                            round == 0 ? transport + ", first" : transport,
                            seconds,
                            RingCacheProcess.cpuSeconds("self") - own,
                            worker.cpuSeconds() - other);
                }
            }
        }
    }

    private void read(RingCache cache, ClusterCache.CachedFile file, MemorySegment to, long thread) {
        for (long at = thread * chunk; at < total; at += (long) chunk * threads) {
            ClusterCache.Source s = cache.read(file, at, to, 0, chunk, ClusterCache.Pattern.SEQUENTIAL);
            if (s == ClusterCache.Source.UNAVAILABLE || s == ClusterCache.Source.STALE) {
                throw new IllegalStateException("read at " + at + ": " + s);
            }
        }
    }

    private double inThreads(LongConsumer work) throws InterruptedException {
        long start = System.nanoTime();
        Thread[] all = new Thread[threads];
        for (int i = 0; i < threads; i++) {
            int index = i;
            all[i] = Thread.ofPlatform().start(() -> work.accept(index));
        }
        for (Thread t : all) {
            t.join();
        }
        return (System.nanoTime() - start) / 1e9;
    }

    /** What copying costs at best: between buffers, and out of a file in memory. */
    private void memory(Arena arena, Path dir) throws IOException, InterruptedException {
        MemorySegment from = arena.allocate(chunk, 4096).fill((byte) 1);
        MemorySegment to = arena.allocate(chunk, 4096);
        int fd = Libc.open(
                Libc.cString(arena, dir.resolve("raw").toString()), Libc.O_RDWR | Libc.O_CREAT | Libc.O_CLOEXEC, 0600);
        for (long at = 0; at < total; at += chunk) {
            Libc.pwrite(fd, from, 0, chunk, at);
        }
        for (int round = 0; round < 2; round++) {
            double cpu = RingCacheProcess.cpuSeconds("self");
            long start = System.nanoTime();
            for (long at = 0; at < total; at += chunk) {
                MemorySegment.copy(from, 0, to, 0, chunk);
            }
            report("memcpy", (System.nanoTime() - start) / 1e9, RingCacheProcess.cpuSeconds("self") - cpu, 0);
            cpu = RingCacheProcess.cpuSeconds("self");
            start = System.nanoTime();
            for (long at = 0; at < total; at += chunk) {
                Libc.pread(fd, to, 0, chunk, at);
            }
            report("pread of tmpfs", (System.nanoTime() - start) / 1e9, RingCacheProcess.cpuSeconds("self") - cpu, 0);
        }
        Libc.ftruncate(fd, 0);
        Libc.close(fd);
    }

    private void report(String what, double seconds, double client, double worker) {
        double gb = total / 1e9;
        System.out.printf(
                Locale.ROOT,
                "%-20s %6.2f GB/s   CPU s/GB: client %.3f, worker %.3f%n",
                what,
                gb / seconds,
                client / gb,
                worker / gb);
    }
}
