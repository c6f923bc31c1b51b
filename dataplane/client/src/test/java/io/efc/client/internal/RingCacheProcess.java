package io.efc.client.internal;

import io.efc.base.ByteSize;
import io.efc.base.Metrics;
import io.efc.cache.Medium;
import io.efc.cache.TierConfig;
import io.efc.rpc.Address;
import io.efc.worker.Worker;
import io.efc.worker.WorkerConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A worker in a process of its own, which can be killed. It ends when its standard input does. */
final class RingCacheProcess implements AutoCloseable {
    private final Process process;

    /** Starts it and waits until it is in the ring. */
    RingCacheProcess(RingCacheFixture cluster, String id, String node, long quota) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                RingCacheProcess.class.getName(),
                id,
                node,
                cluster.masterAddress().toString(),
                cluster.dir.toString(),
                Long.toString(quota));
        this.process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        if (!"ready".equals(line)) {
            process.destroyForcibly();
            throw new IOException("the worker process said " + line);
        }
    }

    long pid() {
        return process.pid();
    }

    /** kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** kill -TERM, which leaves the ring first; whether it ended in time. */
    boolean terminate() throws InterruptedException {
        process.destroy();
        return process.waitFor(20, TimeUnit.SECONDS);
    }

    /** User and system time so far, in seconds. */
    double cpuSeconds() throws IOException {
        return cpuSeconds(Long.toString(pid()));
    }

    static double cpuSeconds(String pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", pid, "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** The process: id, node, master, directory, quota. */
    public static void main(String[] args) throws IOException {
        Path dir = Path.of(args[3]);
        WorkerConfig config = WorkerConfig.of(
                args[0],
                args[1],
                Address.parse(args[2]),
                RingCacheFixture.SECRET,
                RingCacheFixture.DATASET,
                new Address.Tcp("127.0.0.1", 0),
                dir.resolve(args[0] + ".sock"),
                List.of(new TierConfig(Medium.MEM, dir.resolve(args[0]), new ByteSize(Long.parseLong(args[4])))));
        RingCacheStore store = new RingCacheStore();
        try (Worker worker = Worker.start(config, store::open, new Metrics())) {
            Runtime.getRuntime().addShutdownHook(new Thread(worker::close));
            System.out.println("ready");
            while (System.in.read() >= 0) {
                // Until the parent is gone.
            }
        }
    }
}
