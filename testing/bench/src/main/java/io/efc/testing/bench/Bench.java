package io.efc.testing.bench;

import io.efc.base.ByteSize;
import io.efc.testing.support.GaneshaOptions;
import io.efc.testing.support.GaneshaServer;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.SplittableRandom;

/**
 * What all measurements share: a directory, a real NFS server, the timed loops, and a cluster at a time.
 *
 * <p>The server exports a directory on tmpfs, so that its disk is no part of any figure: dropping the kernel's caches leaves both the
 * product and the reference in front of a server that answers from memory.
 */
final class Bench implements AutoCloseable {
    static final int ROUNDS = 5;
    static final long READ_CHUNK = 1 << 20;

    /** A cold read needs its bytes once in a tier and once in the page cache; half as much again for what is freed meanwhile. */
    private static final long NEW_MEMORY_TIMES = 3;

    private final Path efc;
    private final Path directory;
    private final Path export;
    private final ByteSize size;
    private final GaneshaServer server;
    private final Probe probe;
    private int clusters;

    /**
     * @param efc the launcher
     * @param size of the big file
     */
    Bench(Path efc, ByteSize size) {
        this.efc = efc;
        this.size = size;
        try {
            this.directory = Files.createTempDirectory(Path.of("/tmp"), "efc-bench-");
            this.export = Files.createTempDirectory(Path.of("/dev/shm"), "efc-bench-");
        } catch (IOException e) {
            throw new BenchException("no directory for the measurements: " + e.getMessage(), e);
        }
        this.server = GaneshaServer.start(GaneshaOptions.of(export));
        this.probe = new Probe(
                directory,
                "nfs://127.0.0.1/export?version=3&nfsport=" + server.nfsPort() + "&mountport=" + server.mountPort());
    }

    ByteSize size() {
        return size;
    }

    /** What the server exports, reached straight. */
    Path export() {
        return export;
    }

    /** A directory on the local disk. */
    Path local() {
        return directory;
    }

    Probe probe() {
        return probe;
    }

    /**
     * Drops the kernel's caches, then touches the memory that the next pass will need. A virtual machine's host takes free memory back
     * and provides it anew at a fraction of its speed; without this, whoever needs new memory (the page cache, a tier) would be measured
     * by the host, and libnfs, which reads into one buffer, would not.
     */
    void freshCaches() {
        Machine.dropCaches();
        probe.local("touch", directory, Math.min(NEW_MEMORY_TIMES * size.bytes(), Machine.availableBytes() / 2));
    }

    /** Starts a cluster in front of the server. */
    Cluster cluster(int workers, String quota) {
        return cluster(workers, quota, "strong");
    }

    /** The same of a dataset that may not be written. */
    Cluster readOnlyCluster(int workers, String quota) {
        return cluster(workers, quota, true, "strong");
    }

    /** The same with another consistency, as the mounts' properties write it. */
    Cluster cluster(int workers, String quota, String consistency) {
        return cluster(workers, quota, false, consistency);
    }

    private Cluster cluster(int workers, String quota, boolean readOnly, String consistency) {
        return Cluster.up(
                efc,
                directory.resolve("cluster-" + clusters++),
                server.nfsPort(),
                workers,
                quota,
                readOnly,
                consistency);
    }

    /** Makes a new directory in the export and the same on the local disk. */
    Path makeDirectory(Path where, String name) {
        try {
            return Files.createDirectory(where.resolve(name));
        } catch (IOException e) {
            throw new BenchException("cannot make " + name + " in " + where + ": " + e.getMessage(), e);
        }
    }

    /** Writes the big file straight to the export: random bytes. */
    Path writeBigFile(String name) {
        Path file = export.resolve(name);
        byte[] block = new byte[1 << 20];
        SplittableRandom random = new SplittableRandom(42);
        try (var out = Files.newOutputStream(file)) {
            for (long left = size.bytes(); left > 0; left -= block.length) {
                random.nextBytes(block);
                out.write(block, 0, (int) Math.min(block.length, left));
            }
            return file;
        } catch (IOException e) {
            throw new BenchException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    /** The same bytes in a new file, which nobody has cached, in place of the old. */
    Path renewBigFile(Path old, String name) {
        try {
            Path file = Files.copy(old, export.resolve(name));
            Files.delete(old);
            return file;
        } catch (IOException e) {
            throw new BenchException("cannot copy " + old + ": " + e.getMessage(), e);
        }
    }

    static void removeTree(Path root) {
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, @org.jspecify.annotations.Nullable IOException e)
                        throws IOException {
                    Files.delete(dir);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new BenchException("cannot remove " + root + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        server.close();
        removeTree(export);
        removeTree(directory);
    }
}
