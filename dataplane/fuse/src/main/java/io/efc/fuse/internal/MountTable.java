package io.efc.fuse.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is mounted, from /proc/self/mountinfo (proc_pid_mountinfo(5)). Reading it touches no mounted file system. */
public final class MountTable {
    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");

    /**
     * A mount.
     *
     * @param device {@code major:minor}
     */
    public record Entry(String device, Path mountPoint, String type, String source) {
        /** True for a mount that a process serves through /dev/fuse. */
        public boolean isFuse() {
            return type.equals("fuse") || type.startsWith("fuse.") || type.startsWith("fuseblk");
        }
    }

    private final List<Entry> entries;

    private MountTable(List<Entry> entries) {
        this.entries = entries;
    }

    public static MountTable read() {
        try {
            // Mount points are bytes; Latin-1 keeps each as it is until the escapes are undone.
            return parse(Files.readAllLines(MOUNTINFO, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot read " + MOUNTINFO, e);
        }
    }

    static MountTable parse(List<String> lines) {
        List<Entry> entries = new ArrayList<>();
        for (String line : lines) {
            String[] fields = line.split(" ", -1);
            int dash = List.of(fields).indexOf("-");
            if (dash >= 6 && fields.length > dash + 2) {
                entries.add(new Entry(
                        fields[2], Path.of(unescape(fields[4])), fields[dash + 1], unescape(fields[dash + 2])));
            }
        }
        return new MountTable(entries);
    }

    /** Undoes the kernel's octal escapes of space, tab, newline, backslash and #. */
    private static String unescape(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 3 < text.length()) {
                bytes.write(Integer.parseInt(text, i + 1, i + 4, 8));
                i += 3;
            } else {
                bytes.write(c);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** What is mounted last, hence visible, on this very path. */
    public Optional<Entry> at(Path mountPoint) {
        return entries.stream().filter(e -> e.mountPoint.equals(mountPoint)).reduce((first, second) -> second);
    }

    /** The mount of this device, {@code major:minor}. */
    public Optional<Entry> ofDevice(String device) {
        return entries.stream().filter(e -> e.device.equals(device)).findFirst();
    }
}
