package io.efc.master.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.ratis.server.RaftServerConfigKeys.Log.CorruptionPolicy;
import org.apache.ratis.server.raftlog.segmented.LogSegment;
import org.apache.ratis.server.raftlog.segmented.LogSegmentPath;
import org.apache.ratis.util.SizeInBytes;

/** Finds which file of a replicated log is damaged; Ratis says that one is. */
final class Damage {
    /** Ratis' limit of an entry. */
    private static final SizeInBytes ENTRY_MAX = SizeInBytes.valueOf("4MB");

    private Damage() {}

    /** The first damaged file below {@code directory} and what is wrong with it. */
    static Optional<String> in(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> all = files.filter(Files::isRegularFile).sorted().toList();
            return all.stream().map(Damage::of).flatMap(Optional::stream).findFirst();
        } catch (IOException e) {
            return Optional.of("the log's directory " + directory + " cannot be read: " + e.getMessage());
        }
    }

    private static Optional<String> of(Path file) {
        String name = file.getFileName().toString();
        try {
            if (name.equals("raft-meta") && Files.size(file) == 0) {
                return Optional.of("the file " + file + " with this master's vote is empty");
            }
            LogSegmentPath segment = name.startsWith("log_") ? LogSegmentPath.matchLogSegment(file) : null;
            if (segment != null) {
                LogSegment.readSegmentFile(
                        file.toFile(), segment.getStartEnd(), ENTRY_MAX, CorruptionPolicy.EXCEPTION, null, e -> {});
            }
            return Optional.empty();
        } catch (IOException | RuntimeException e) {
            return Optional.of(
                    "the log file " + file + " is damaged: " + rootCause(e).getMessage());
        }
    }

    static Throwable rootCause(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
