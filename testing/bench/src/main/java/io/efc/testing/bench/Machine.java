package io.efc.testing.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What the kernel says of processes, and its caches. */
final class Machine {
    private static final double TICKS_PER_SECOND = 100;
    private static final int STAT_UTIME = 11;

    private Machine() {}

    /** Writes out what is dirty and drops the page, dentry and inode caches. tmpfs keeps its files. */
    static void dropCaches() {
        try {
            Commands.run(Duration.ofMinutes(2), List.of("sync"));
            Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "3");
        } catch (IOException e) {
            throw new BenchException("the kernel's caches cannot be dropped (are you root?): " + e.getMessage(), e);
        }
    }

    /** CPU time of a process so far, user and system (proc_pid_stat(5), fields 14 and 15). */
    static double cpuSeconds(long pid) {
        String stat = read(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[STAT_UTIME]) + Long.parseLong(fields[STAT_UTIME + 1])) / TICKS_PER_SECOND;
    }

    /** VmRSS of a process, bytes. */
    static long residentBytes(long pid) {
        return bytes(Path.of("/proc/" + pid + "/status"), "VmRSS");
    }

    /** MemAvailable, bytes. */
    static long availableBytes() {
        return bytes(Path.of("/proc/meminfo"), "MemAvailable");
    }

    /** A field that the kernel shows in kibibytes. */
    private static long bytes(Path file, String field) {
        for (String line : read(file).lines().toList()) {
            if (line.startsWith(field + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        throw new BenchException(file + " has no " + field);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new BenchException("a process under measurement has ended: " + file, e);
        }
    }
}
