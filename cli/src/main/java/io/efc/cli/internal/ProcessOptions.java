package io.efc.cli.internal;

import io.efc.base.Metrics;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every long-running process, and how it runs until it is told to end. */
final class ProcessOptions {
    @Option(
            names = "--metrics-port",
            description = "Port of /metrics and /healthz on 127.0.0.1; 0 for a free one.",
            defaultValue = "0")
    private int metricsPort;

    @Option(names = "--ready-file", description = "File to write when the process can be used.")
    @Nullable
    Path readyFile;

    /** What a process does when it is told to end. */
    interface Stop {
        /** Ends what the process serves; may throw. */
        void stop() throws Exception;
    }

    /**
     * Serves metrics, says that the process can be used, and returns when it is told to end (SIGTERM, SIGINT) and {@code stop} has run.
     *
     * @param finished counted down when the process has nothing left to do by itself
     */
    int serve(String address, Metrics metrics, Supplier<String> health, CountDownLatch finished, Stop stop) {
        JvmMetrics.register(metrics);
        CountDownLatch stopped = new CountDownLatch(1);
        HttpEndpoint http = new HttpEndpoint(metricsPort, metrics, health);
        Thread hook = new Thread(
                () -> {
                    finished.countDown();
                    awaitQuietly(stopped);
                },
                "end");
        Runtime.getRuntime().addShutdownHook(hook);
        if (readyFile != null) {
            new Ready(address, http.port()).write(readyFile);
        } else {
            System.err.println("ready: " + address + ", metrics on http://127.0.0.1:" + http.port() + "/metrics");
        }
        try {
            awaitQuietly(finished);
            stop.stop();
            return 0;
        } catch (Exception e) {
            System.getLogger("io.efc.cli").log(System.Logger.Level.ERROR, "the process did not end cleanly", e);
            return 1;
        } finally {
            http.close();
            stopped.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
