package io.efc.cli.internal;

import io.efc.base.ByteSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/**
 * The experiment that EFC is for. A file that nobody has seen is written straight to the export; mount 1 reads it, then mount 2, on another
 * node. Before each read the kernel's caches are dropped. The timed passes check CRC32C, which costs next to nothing; SHA-256, which costs
 * more than a warm read, is taken in passes of their own after both, so that it neither slows a read nor warms anything for it.
 */
final class ReadTwice {
    /** The figures of one timed pass. */
    record Pass(double seconds, double mibPerSecond, BytesFrom bytesFrom, long kernelBytes) {}

    /** Where a pass's bytes came from. */
    record BytesFrom(long store, long remoteWorker, long localWorker, long nodeCache) {}

    /**
     * What came out.
     *
     * @param sha256 of the source, and as the two mounts show it
     */
    record Outcome(long sizeBytes, Map<String, String> sha256, Pass first, Pass second) {
        double speedup() {
            return second.mibPerSecond / first.mibPerSecond;
        }

        /** Whether both mounts showed the file as it was written. */
        boolean isIntact() {
            return sha256.values().stream().distinct().count() == 1;
        }

        /** The fields of {@code -o json}, in their order. */
        Map<String, Object> toResult() {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("sizeBytes", sizeBytes);
            result.put("sha256", sha256);
            result.put("first", pass(first));
            result.put("second", pass(second));
            result.put("speedup", rounded(speedup()));
            return result;
        }

        private static Map<String, Object> pass(Pass p) {
            Map<String, Object> pass = new LinkedHashMap<>();
            pass.put("seconds", rounded(p.seconds));
            pass.put("mibPerSecond", rounded(p.mibPerSecond));
            pass.put("bytesFrom", p.bytesFrom);
            return pass;
        }

        private static double rounded(double d) {
            return Math.round(d * 1000) / 1000.0;
        }
    }

    private static final int BUFFER_BYTES = 1 << 20;

    private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");

    private static final String READ_BYTES = "efc_client_read_bytes_total";

    private final RunDirectory run;
    private final long size;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    ReadTwice(RunDirectory run, long size) {
        this.run = run;
        this.size = size;
    }

    Outcome run() {
        List<ProcessRecord> mounts = run.processes().stream()
                .filter(r -> r.name().startsWith("client-") && r.isAlive())
                .toList();
        if (mounts.size() < 2) {
            throw new Failure("the experiment needs two mounts and " + mounts.size() + " are there (looked in "
                    + run.root() + "); efc up makes them");
        }
        Path export = export();
        checkRoom(export);
        Path source = export.resolve("read-twice-" + ProcessHandle.current().pid() + ".bin");
        Thread interrupted = new Thread(() -> delete(source), "delete-file");
        Runtime.getRuntime().addShutdownHook(interrupted);
        try {
            Sums written = write(source);
            Pass first = timed("mount 1", mounts.get(0), source, written);
            Pass second = timed("mount 2", mounts.get(1), source, written);
            Map<String, String> sha256 = new LinkedHashMap<>();
            sha256.put("source", written.sha256);
            sha256.put("first", sha256("checking mount 1", inMount(mounts.get(0), source)));
            sha256.put("second", sha256("checking mount 2", inMount(mounts.get(1), source)));
            return new Outcome(size, sha256, first, second);
        } catch (IOException e) {
            throw new Failure("the experiment failed: " + e, e);
        } finally {
            delete(source);
            Runtime.getRuntime().removeShutdownHook(interrupted);
        }
    }

    /** The directory behind the export: the example server's, or a local store's. */
    private Path export() {
        Blueprint blueprint = Blueprint.running(run.manifest());
        String point = blueprint.store().mountPoint();
        if (point.startsWith("local://")) {
            return Path.of(point.substring("local://".length()));
        }
        return run.processes().stream()
                .filter(r -> r.component().equals("nfs-server") && r.isAlive() && r.details() != null)
                .map(r -> Path.of(String.valueOf(r.details())))
                .findFirst()
                .orElseThrow(
                        () -> new Failure(
                                "the file is written straight to the export, and that of '" + point
                                        + "' is not on this machine; accepted: the NFS server of efc up without a file, or a local:// store"));
    }

    private void checkRoom(Path export) {
        try {
            long free = Files.getFileStore(export).getUsableSpace();
            if (size > free) {
                throw new Failure("--size " + new ByteSize(size).toHuman() + " is more than the "
                        + new ByteSize(free).toHuman() + " that are free in " + export + "; accepted: less");
            }
        } catch (IOException e) {
            throw new Failure("the export " + export + " cannot be looked at: " + e.getMessage(), e);
        }
    }

    private static Path inMount(ProcessRecord mount, Path source) {
        return Path.of(mount.address()).resolve(source.getFileName());
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            System.err.println("efc: the file " + file + " cannot be removed: " + e.getMessage());
        }
    }

    /** What the source's bytes add up to. */
    private record Sums(String sha256, long crc) {}

    private Sums write(Path source) throws IOException {
        MessageDigest digest = digest();
        CRC32C crc = new CRC32C();
        SplittableRandom random = new SplittableRandom();
        byte[] block = new byte[BUFFER_BYTES];
        try (FileChannel out = FileChannel.open(source, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                Progress progress = new Progress("writing", size)) {
            for (long done = 0; done < size; ) {
                int n = (int) Math.min(block.length, size - done);
                random.nextBytes(block);
                digest.update(block, 0, n);
                crc.update(block, 0, n);
                buffer.clear().put(block, 0, n).flip();
                while (buffer.hasRemaining()) {
                    out.write(buffer);
                }
                done += n;
                progress.at(done);
            }
            out.force(true);
        }
        return new Sums(HexFormat.of().formatHex(digest.digest()), crc.getValue());
    }

    private Pass timed(String what, ProcessRecord mount, Path source, Sums written) throws IOException {
        dropCaches();
        Scrape before = Scrape.of(mount.metricsPort());
        CRC32C crc = new CRC32C();
        long began = System.nanoTime();
        long read = readAll(what, inMount(mount, source), crc::update);
        double seconds = (System.nanoTime() - began) / 1e9;
        Scrape after = Scrape.of(mount.metricsPort());
        if (read != size || crc.getValue() != written.crc) {
            throw new Failure(what + " shows other bytes than were written: " + read + " bytes with CRC32C "
                    + Long.toHexString(crc.getValue()) + " instead of " + size + " with "
                    + Long.toHexString(written.crc)
                    + "; this is a defect of EFC, its logs are in " + run.logs());
        }
        long passthrough = Math.min(size, grown(before, after, "efc_client_passthrough_open_bytes_total"));
        long asked = grown(before, after, "efc_client_read_asked_bytes_total");
        BytesFrom from = new BytesFrom(
                from(before, after, "store"),
                from(before, after, "remoteWorker"),
                from(before, after, "localWorker") + passthrough,
                from(before, after, "nodeCache"));
        return new Pass(seconds, size / 1048576.0 / seconds, from, Math.max(0, size - asked - passthrough));
    }

    private static long from(Scrape before, Scrape after, String source) {
        return grown(before, after, READ_BYTES, "source=\"" + source + "\"");
    }

    private static long grown(Scrape before, Scrape after, String name, String... labels) {
        return (long) (after.sum(name, labels) - before.sum(name, labels));
    }

    /** What is done with each piece of a file. */
    private interface Sink {
        void accept(ByteBuffer piece);
    }

    private long readAll(String what, Path file, Sink sink) throws IOException {
        long done = 0;
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ);
                Progress progress = new Progress(what, size)) {
            while (in.read(buffer.clear()) > 0) {
                done += buffer.flip().remaining();
                sink.accept(buffer);
                progress.at(done);
            }
        }
        return done;
    }

    private String sha256(String what, Path file) throws IOException {
        MessageDigest digest = digest();
        readAll(what, file, digest::update);
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK lacks SHA-256, which every Java platform must have", e);
        }
    }

    /** Writes back and drops what the kernel has cached of all files (Documentation/admin-guide/sysctl/vm.rst). */
    private static void dropCaches() throws IOException {
        try {
            new ProcessBuilder("sync").start().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", e);
        }
        Files.writeString(DROP_CACHES, "3");
    }
}
