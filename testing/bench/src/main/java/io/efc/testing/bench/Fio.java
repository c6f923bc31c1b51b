package io.efc.testing.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Random 4 KiB reads by fio, past the kernel's page cache. */
final class Fio {
    /** fio's terse format, version 3: the field of the read operations per second. */
    private static final int READ_IOPS = 7;

    private static final Duration LIMIT = Duration.ofMinutes(2);

    private Fio() {}

    /** Operations per second of {@code jobs} processes together, one read in flight each. */
    static double randomReads(Path file, int jobs, int seconds, long seed) {
        String terse = Commands.run(
                LIMIT,
                List.of(
                        "fio",
                        "--name=random",
                        "--filename=" + file,
                        "--readonly",
                        "--rw=randread",
                        "--bs=4k",
                        "--ioengine=psync",
                        "--direct=1",
                        "--numjobs=" + jobs,
                        "--group_reporting",
                        "--time_based",
                        "--runtime=" + seconds,
                        "--randseed=" + seed,
                        "--output-format=terse",
                        "--terse-version=3"));
        String[] fields = terse.strip().split(";", -1);
        if (fields.length <= READ_IOPS) {
            throw new BenchException("fio said: " + terse);
        }
        return Double.parseDouble(fields[READ_IOPS]);
    }
}
