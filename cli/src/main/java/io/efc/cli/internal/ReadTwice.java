package io.efc.cli.internal;

import io.efc.base.ByteSize;
import io.efc.store.StoreConfig;
import io.efc.store.StoreException;
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
import java.util.concurrent.atomic.AtomicBoolean;
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
        String name = "read-twice-" + ProcessHandle.current().pid() + ".bin";
        ExportFile file = exportFile(name);
        AtomicBoolean there = new AtomicBoolean(true);
        Runnable remove = () -> {
            if (there.getAndSet(false)) {
                file.close();
            }
        };
        Thread interrupted = new Thread(remove, "remove-file");
        Runtime.getRuntime().addShutdownHook(interrupted);
        try {
            return measure(file, name, mounts);
        } catch (IOException | StoreException e) {
            throw new Failure("the experiment failed: " + e, e);
        } finally {
            remove.run();
        }
    }

    private Outcome measure(ExportFile file, String name, List<ProcessRecord> mounts) throws IOException {
        long room = file.room();
        if (size > room) {
            throw new Failure("--size " + new ByteSize(size).toHuman() + " is more than the "
                    + new ByteSize(room).toHuman() + " that are free in the export; accepted: less");
        }
        Sums written = write(file);
        Pass first = timed("mount 1", mounts.get(0), name, written);
        Pass second = timed("mount 2", mounts.get(1), name, written);
        Map<String, String> sha256 = new LinkedHashMap<>();
        sha256.put("source", written.sha256);
        sha256.put("first", sha256("checking mount 1", inMount(mounts.get(0), name)));
        sha256.put("second", sha256("checking mount 2", inMount(mounts.get(1), name)));
        return new Outcome(size, sha256, first, second);
    }

    /** In the directory behind the export if that is known (a local store, our own server), else over a connection of its own. */
    private ExportFile exportFile(String name) {
        StoreConfig store = Blueprint.running(run.manifest()).store();
        if (store.mountPoint().startsWith("local://")) {
            return ExportFile.in(Path.of(store.mountPoint().substring("local://".length())), name);
        }
        return run.processes().stream()
                .filter(r -> r.component().equals("nfs-server") && r.isAlive() && r.details() != null)
                .map(r -> ExportFile.in(Path.of(String.valueOf(r.details())), name))
                .findFirst()
                .orElseGet(() -> ExportFile.at(store, name));
    }

    private static Path inMount(ProcessRecord mount, String name) {
        return Path.of(mount.address()).resolve(name);
    }

    /** What the source's bytes add up to. */
    private record Sums(String sha256, long crc) {}

    private Sums write(ExportFile out) throws IOException {
        MessageDigest digest = digest();
        CRC32C crc = new CRC32C();
        SplittableRandom random = new SplittableRandom();
        byte[] block = new byte[BUFFER_BYTES];
        try (Progress progress = new Progress("writing", size)) {
            for (long done = 0; done < size; ) {
                int n = (int) Math.min(block.length, size - done);
                random.nextBytes(block);
                digest.update(block, 0, n);
                crc.update(block, 0, n);
                buffer.clear().put(block, 0, n).flip();
                out.write(buffer, done);
                done += n;
                progress.at(done);
            }
            out.sync();
        }
        return new Sums(HexFormat.of().formatHex(digest.digest()), crc.getValue());
    }

    private Pass timed(String what, ProcessRecord mount, String name, Sums written) throws IOException {
        dropCaches();
        Scrape before = Scrape.of(mount.metricsPort());
        CRC32C crc = new CRC32C();
        long began = System.nanoTime();
        long read = readAll(what, inMount(mount, name), crc::update);
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
