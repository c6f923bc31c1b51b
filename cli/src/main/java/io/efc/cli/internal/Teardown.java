package io.efc.cli.internal;

import io.efc.testing.support.GaneshaServer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Ends what a run directory's records name, last started first: a client's mount is unmounted before its process is asked to end, whoever
 * does not end in time is killed, a mount whose client is gone is aborted. Works on any remains, and twice.
 */
final class Teardown {
    /** For a process to write back what it holds and end. */
    private static final Duration GRACE = Duration.ofSeconds(15);

    private static final Duration UNMOUNT_LIMIT = Duration.ofSeconds(10);

    /** After SIGKILL only the kernel can delay a process. */
    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

    private static final Path CONNECTIONS = Path.of("/sys/fs/fuse/connections");

    private final RunDirectory run;
    private final List<String> remarks = new ArrayList<>();

    Teardown(RunDirectory run) {
        this.run = run;
    }

    /** Ends everything; returns what did not go as it should, for people. */
    List<String> all() {
        for (ProcessRecord record : run.processes().reversed()) {
            one(record);
        }
        remove(run.secret());
        remove(run.manifest());
        return remarks;
    }

    /** Ends one process and what belongs to it. */
    List<String> one(ProcessRecord recorded) {
        ProcessRecord record = recorded.located(run);
        if (record.component().equals("client")) {
            Path target = record.mountPoint();
            unmount(target);
            end(record);
            // A mount can appear after it was looked for if its process was still starting.
            unmount(target);
            removeIfOurs(target);
        } else {
            end(record);
        }
        if (record.component().equals("worker") && record.details() != null) {
            Stream.of(record.details().split(",", -1)).map(Path::of).forEach(this::deleteTier);
        }
        if (record.component().equals("nfs-server")) {
            // Its keeper ended it, unless that was killed.
            GaneshaServer.stopLeftover(run.nfs());
        }
        deleteTree(run.state(record.name()));
        remove(run.ready(record.name()));
        remove(run.records().resolve(record.name() + ".sock"));
        record.remove(run);
        return remarks;
    }

    private void end(ProcessRecord record) {
        Optional<ProcessHandle> handle = record.isAlive() ? ProcessHandle.of(record.pid()) : Optional.empty();
        if (handle.isEmpty()) {
            return;
        }
        handle.get().destroy();
        if (!gone(record, GRACE)) {
            remarks.add(record.name() + " did not end within " + GRACE.toSeconds() + " s and was killed");
            handle.get().destroyForcibly();
            if (!gone(record, KILL_LIMIT)) {
                remarks.add(record.name() + " (pid " + record.pid() + ") cannot be killed: it waits in the kernel");
            }
        }
    }

    private static boolean gone(ProcessRecord record, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (record.isAlive()) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    /** Takes every mount at {@code target} away. */
    void unmount(Path target) {
        // More than one only if somebody mounted over it; the bound keeps an unforeseen failure from turning for ever.
        for (int i = 0; i < 4; i++) {
            Optional<Mounts.Mount> mount = Mounts.at(target);
            if (mount.isEmpty() || !mount.get().isEfc()) {
                return;
            }
            if (umount(target, false)) {
                continue;
            }
            abort(mount.get());
            if (umount(target, true)) {
                remarks.add("the mount " + target + " was in use or did not answer: it was taken away all the same");
            } else {
                remarks.add("the mount " + target + " cannot be taken away; try: umount -l " + target);
                return;
            }
        }
    }

    /** Runs umount(8): a child that hangs can be left alone, a system call of this process cannot. */
    private static boolean umount(Path target, boolean lazy) {
        List<String> command = new ArrayList<>(List.of("umount"));
        if (lazy) {
            command.add("-l");
        }
        command.add(target.toString());
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (process.waitFor(UNMOUNT_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue() == 0;
            }
            process.destroyForcibly();
            return false;
        } catch (IOException e) {
            throw new Failure("umount cannot be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Has the kernel fail all requests of a FUSE connection (Documentation/filesystems/fuse.rst), so that nobody waits for it any more. */
    private static void abort(Mounts.Mount mount) {
        Path abort = CONNECTIONS
                .resolve(mount.device().substring(mount.device().indexOf(':') + 1))
                .resolve("abort");
        try {
            if (Files.exists(abort)) {
                Files.writeString(abort, "1");
            }
        } catch (IOException e) {
            // The lazy unmount that follows works without it; callers then end when the client's process does.
        }
    }

    /** Removes an empty mount point that `efc up` made. */
    private void removeIfOurs(Path target) {
        if (target.startsWith(run.mounts())) {
            try (Stream<Path> entries = Files.list(target)) {
                if (entries.findAny().isEmpty()) {
                    Files.delete(target);
                }
            } catch (IOException e) {
                // Not there, or something in it: then it stays.
            }
        }
    }

    private void deleteTier(Path tier) {
        if (!tier.getFileName().toString().startsWith("worker-") || !Files.isDirectory(tier)) {
            return;
        }
        deleteTree(tier);
    }

    private void deleteTree(Path root) {
        if (!Files.isDirectory(root)) {
            return;
        }
        try {
            removeTree(root);
        } catch (IOException e) {
            remarks.add("the directory " + root + " cannot be removed: " + e.getMessage());
        }
        // Its parent is that of all processes of this run: the last one takes it away.
        File parent = root.toAbsolutePath().resolveSibling(".").normalize().toFile();
        String[] others = parent.list();
        if (parent.getName().equals(run.volatileName()) && others != null && others.length == 0 && !parent.delete()) {
            remarks.add("the directory " + parent + " cannot be removed");
        }
    }

    /** Removes a directory with everything in it. */
    static void removeTree(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path p : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(p);
            }
        }
    }

    private void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            remarks.add(file + " cannot be removed: " + e.getMessage());
        }
    }
}
