package io.efc.cli.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The mounts of this process's namespace, as /proc/self/mountinfo shows them (proc_pid_mountinfo(5)). Never touches one. */
final class Mounts {
    /**
     * One mount.
     *
     * @param device {@code major:minor}; for FUSE the minor is the connection's number under /sys/fs/fuse/connections
     * @param target where it is mounted
     * @param type the file system's type, {@code fuse.efc} for ours
     * @param source what is mounted
     */
    record Mount(String device, String target, String type, String source) {
        /** Whether it is one of EFC's. */
        boolean isEfc() {
            return type.startsWith("fuse") && (type.contains("efc") || source.equals("efc"));
        }
    }

    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");

    private Mounts() {}

    /** All mounts, lowest first. */
    static List<Mount> all() {
        try {
            return parse(Files.readAllLines(MOUNTINFO));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The mount on top at exactly {@code target}. */
    static Optional<Mount> at(Path target) {
        return all().stream().filter(m -> m.target.equals(target.toString())).reduce((lower, upper) -> upper);
    }

    static List<Mount> parse(List<String> lines) {
        List<Mount> mounts = new ArrayList<>();
        for (String line : lines) {
            String[] f = line.split(" ", -1);
            int dash = 6;
            while (dash < f.length && !f[dash].equals("-")) {
                dash++;
            }
            if (dash + 2 < f.length) {
                mounts.add(new Mount(f[2], unescape(f[4]), f[dash + 1], unescape(f[dash + 2])));
            }
        }
        return mounts;
    }

    /** Undoes the kernel's octal escapes of blanks and backslashes. */
    private static String unescape(String s) {
        StringBuilder b = new StringBuilder();
        for (int i = 0; i < s.length(); i++) {
            if (s.charAt(i) == '\\' && i + 3 < s.length()) {
                b.append((char) Integer.parseInt(s.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                b.append(s.charAt(i));
            }
        }
        return b.toString();
    }
}
