package io.efc.cli.internal;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where the standalone mode keeps its state: {@code $EFC_HOME}, else {@code $XDG_RUNTIME_DIR/efc}, else {@code /tmp/efc-<uid>}.
 * Only its owner may enter it.
 *
 * <pre>
 * secret           the runtime's secret, 0600
 * manifest.yaml    what is running, as it was given
 * run/NAME.json    one record per process
 * log/NAME.log     its output
 * mnt/             default mount points
 * export/          the example directory that the NFS server exports
 * nfs/             the NFS server's configuration, log and recovery data
 * </pre>
 *
 * Tiers and the state that wants memory are in directories called {@link #volatileName}, in the tiers' paths and in /dev/shm.
 */
record RunDirectory(Path root) {
    /** The directory this user's commands share. */
    static RunDirectory standard() {
        String home = System.getenv("EFC_HOME");
        if (home != null && !home.isEmpty()) {
            return new RunDirectory(MountPoint.canonical(Path.of(home)));
        }
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        if (runtime != null && Files.isWritable(Path.of(runtime))) {
            return new RunDirectory(MountPoint.canonical(Path.of(runtime, "efc")));
        }
        return new RunDirectory(MountPoint.canonical(Path.of("/tmp", "efc-" + uid())));
    }

    /** Makes it, and refuses one that belongs to somebody else. */
    RunDirectory create() {
        try {
            if (root.getParent() != null) {
                Files.createDirectories(root.getParent());
            }
            try {
                Files.createDirectory(
                        root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (FileAlreadyExistsException e) {
                Object owner = Files.getAttribute(root, "unix:uid", LinkOption.NOFOLLOW_LINKS);
                if (!owner.equals(uid())) {
                    throw new Failure(
                            "the run directory " + root + " belongs to uid " + owner + ", not to " + uid()
                                    + "; set EFC_HOME to another one",
                            e);
                }
            }
            for (Path p : List.of(records(), logs())) {
                Files.createDirectories(p);
            }
            return this;
        } catch (IOException e) {
            throw new Failure(
                    "the run directory " + root + " cannot be made: " + e.getMessage()
                            + "; set EFC_HOME to a directory of yours",
                    e);
        }
    }

    Path records() {
        return root.resolve("run");
    }

    /** The file that a process writes when it can be used; its command line names it, and no other process's does. */
    Path ready(String name) {
        return records().resolve(name + ".ready");
    }

    Path logs() {
        return root.resolve("log");
    }

    Path log(String name) {
        return logs().resolve(name + ".log");
    }

    Path mounts() {
        return root.resolve("mnt");
    }

    Path secret() {
        return root.resolve("secret");
    }

    Path manifest() {
        return root.resolve("manifest.yaml");
    }

    /** The NFS server's own files. */
    Path nfs() {
        return root.resolve("nfs");
    }

    /** What a process keeps for itself while it runs: in memory, since tables of inodes and bytes on their way belong there. */
    Path state(String name) {
        Path memory = Path.of("/dev/shm");
        return (Files.isWritable(memory) ? memory.resolve(volatileName()) : root.resolve("state")).resolve(name);
    }

    /** The name of this run directory's own directory inside a tier's, so that two users' clusters never share one. */
    String volatileName() {
        return Blueprint.TIER_PREFIX + Integer.toHexString(root.toString().hashCode());
    }

    Path export() {
        return root.resolve("export");
    }

    /** The records of all processes that were started and not yet removed, by name. */
    List<ProcessRecord> processes() {
        if (!Files.isDirectory(records())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(records())) {
            return files.filter(f -> f.toString().endsWith(".json"))
                    .map(ProcessRecord::read)
                    .sorted(Comparator.comparingInt(ProcessRecord::order))
                    .toList();
        } catch (IOException e) {
            throw new Failure(
                    "the records of running processes in " + records() + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** This process's user. */
    static int uid() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException e) {
            throw new Failure("/proc is not mounted", e);
        }
    }
}
