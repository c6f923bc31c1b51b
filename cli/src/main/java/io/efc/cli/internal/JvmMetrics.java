package io.efc.cli.internal;

import io.efc.base.Metrics;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a process costs, under the names that Prometheus' client libraries use. */
final class JvmMetrics {
    private static final int PAGE_BYTES = 4096;

    private JvmMetrics() {}

    static void register(Metrics metrics) {
        metrics.gauge(
                "process_resident_memory_bytes", "Memory in use, shared pages included.", JvmMetrics::residentBytes);
        metrics.gauge("process_cpu_seconds_total", "CPU time, user and system.", JvmMetrics::cpuSeconds);
        metrics.gauge("process_open_fds", "Open descriptors.", JvmMetrics::openFiles);
        metrics.gauge(
                "process_start_time_seconds",
                "Start, since the epoch.",
                () -> ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3);
        metrics.gauge("jvm_memory_heap_used_bytes", "Heap in use.", () -> {
            Runtime runtime = Runtime.getRuntime();
            return runtime.totalMemory() - runtime.freeMemory();
        });
        metrics.gauge(
                "jvm_memory_heap_max_bytes",
                "The heap's limit.",
                () -> Runtime.getRuntime().maxMemory());
        metrics.gauge(
                "jvm_gc_collection_seconds_sum",
                "Time spent collecting garbage.",
                () -> ManagementFactory.getGarbageCollectorMXBeans().stream()
                                .mapToLong(b -> b.getCollectionTime())
                                .sum()
                        / 1e3);
    }

    private static double residentBytes() {
        try {
            return Double.parseDouble(
                            Files.readString(Path.of("/proc/self/statm")).split(" ", -1)[1])
                    * PAGE_BYTES;
        } catch (IOException e) {
            return Double.NaN;
        }
    }

    private static double cpuSeconds() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os
                ? os.getProcessCpuTime() / 1e9
                : Double.NaN;
    }

    private static double openFiles() {
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        } catch (IOException e) {
            return Double.NaN;
        }
    }
}
