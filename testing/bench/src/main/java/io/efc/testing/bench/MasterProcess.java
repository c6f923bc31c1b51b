package io.efc.testing.bench;

import io.efc.rpc.Address;
import io.efc.rpc.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A master as {@code efc master} runs it, with a directory of its own, that can be killed and started again. */
final class MasterProcess implements AutoCloseable {
    private static final String RUNTIME = "bench/master";
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Pattern READY =
            Pattern.compile("\"address\"\\s*:\\s*\"([^\"]+)\".*\"metricsPort\"\\s*:\\s*(\\d+)");

    private final Path efc;
    private final Path directory;
    private final String secret = Secret.generate();
    private String listen = "127.0.0.1:0";
    private @Nullable Process process;
    private Cluster.@Nullable Member member;

    MasterProcess(Path efc, Path directory) {
        this.efc = efc;
        this.directory = directory;
        try {
            Files.createDirectories(directory.resolve("store"));
            Files.writeString(directory.resolve("secret"), secret);
            Files.setPosixFilePermissions(
                    directory.resolve("secret"), java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new BenchException("cannot write into " + directory + ": " + e.getMessage(), e);
        }
    }

    /** The dataset's number that a process computes from its runtime's name (FNV-1a, 64 bit). */
    static long dataset() {
        long h = 0xcbf29ce484222325L;
        for (int i = 0; i < RUNTIME.length(); i++) {
            h = (h ^ RUNTIME.charAt(i)) * 0x100000001b3L;
        }
        return h;
    }

    Secret secret() {
        return new Secret(secret.getBytes(StandardCharsets.UTF_8));
    }

    Address address() {
        return Address.parse(listen);
    }

    /** Starts it, again on the address and with the state of before, and waits until it can be used. */
    void start() {
        Path ready = directory.resolve("ready");
        Path log = directory.resolve("log");
        try {
            Files.deleteIfExists(ready);
            ProcessBuilder builder = new ProcessBuilder(List.of(
                            efc.toString(),
                            "master",
                            "--runtime",
                            RUNTIME,
                            "--store",
                            "local://" + directory.resolve("store"),
                            "--state",
                            directory.resolve("state").toString(),
                            "--secret-file",
                            directory.resolve("secret").toString(),
                            "--listen",
                            listen,
                            "--ready-file",
                            ready.toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().put("EFC_NO_BUILD", "1");
            Process started = builder.start();
            process = started;
            long deadline = System.nanoTime() + START_LIMIT.toNanos();
            while (!Files.exists(ready)) {
                if (!started.isAlive() || System.nanoTime() - deadline >= 0) {
                    throw new BenchException(
                            "the master did not start: " + Files.readString(log).strip());
                }
                LockSupport.parkNanos(5_000_000);
            }
            Matcher m = READY.matcher(Files.readString(ready));
            if (!m.find()) {
                throw new BenchException("the master's ready file has no address: " + Files.readString(ready));
            }
            listen = m.group(1);
            member = new Cluster.Member("master", "master", started.pid(), listen, Integer.parseInt(m.group(2)));
        } catch (IOException e) {
            throw new BenchException("cannot start a master: " + e.getMessage(), e);
        }
    }

    /** The launcher becomes the process, so this is the JVM. */
    private Cluster.Member running() {
        Cluster.Member m = member;
        if (m == null) {
            throw new IllegalStateException("the master was not started");
        }
        return m;
    }

    double cpuSeconds() {
        return running().cpuSeconds();
    }

    long residentBytes() {
        return Machine.residentBytes(running().pid());
    }

    double leases() {
        return running().metric("efc_master_leases", "");
    }

    double events(String event) {
        return running().metric("efc_master_lease_events_total", "event=\"" + event + "\"");
    }

    /** Its heap's live objects, bytes. */
    double liveBytes() {
        Commands.run(
                Duration.ofSeconds(30),
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(running().pid()),
                        "GC.run"));
        return running().metric("jvm_memory_heap_used_bytes", "");
    }

    /** Since its start. */
    double collectingSeconds() {
        return running().metric("jvm_gc_collection_seconds_sum", "");
    }

    /** As kill -9. */
    void kill() {
        Process p = process;
        if (p != null) {
            p.destroyForcibly();
            try {
                if (!p.waitFor(30, TimeUnit.SECONDS)) {
                    throw new BenchException("the master " + p.pid() + " does not die");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new BenchException("interrupted while the master was ending", e);
            }
        }
    }

    @Override
    public void close() {
        kill();
    }
}
