package io.efc.cli.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Whether something can be mounted at a directory. */
final class MountPoint {
    private MountPoint() {}

    /** The path under which the kernel lists a mount at {@code target}: without symbolic links. Never touches what is mounted there. */
    static Path canonical(Path target) {
        Path absolute = target.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        Path name = absolute.getFileName();
        if (parent == null || name == null) {
            return absolute;
        }
        try {
            Path real = parent.toRealPath().resolve(name);
            return Mounts.at(real).isEmpty() && Files.exists(real) ? real.toRealPath() : real;
        } catch (IOException e) {
            return absolute;
        }
    }

    /** Refuses {@code target} unless it is an empty directory that nothing is mounted on; makes it if it is absent and {@code make}. */
    static void check(Path target, boolean make) {
        // The mount table first: touching a dead mount fails, touching a hung one never ends.
        Mounts.at(target).ifPresent(m -> {
            throw new Failure("the mount point " + target + " is in use: " + m.source() + " (" + m.type()
                    + ") is mounted there" + "; accepted: an empty directory, or: efc umount " + target);
        });
        if (!Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            if (!make) {
                throw new Failure("the mount point " + target
                        + " does not exist; accepted: an empty directory: mkdir -p " + target);
            }
            try {
                Files.createDirectories(target);
            } catch (IOException e) {
                throw new Failure("the mount point " + target + " cannot be made: " + e.getMessage(), e);
            }
        }
        if (!Files.isDirectory(target)) {
            throw new Failure("the mount point " + target + " is not a directory; accepted: an empty directory");
        }
        try (Stream<Path> entries = Files.list(target)) {
            if (entries.findAny().isPresent()) {
                throw new Failure("the mount point " + target + " is not empty; accepted: an empty directory");
            }
        } catch (IOException e) {
            throw new Failure("the mount point " + target + " cannot be read: " + e.getMessage(), e);
        }
    }
}
