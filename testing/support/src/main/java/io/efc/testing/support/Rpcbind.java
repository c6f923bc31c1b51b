package io.efc.testing.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The machine's port mapper, without which an NFSv3 server does not start. If none runs, one is started; the last user on the machine
 * ends it again, and only if a user of this class started it.
 *
 * <p>All users on the machine hold a shared lock on {@value #USERS}; who can have it alone is the last. Starting and ending happen under
 * {@value #DOOR}, held alone. Both go with their process, so that a killed user leaves nothing to be cleaned up by hand.
 */
final class Rpcbind {
    private static final String USERS = "/tmp/efc-rpcbind.users";
    private static final String DOOR = "/tmp/efc-rpcbind.door";
    private static final Path PID_FILE = Path.of("/tmp/efc-rpcbind.pid");
    private static final int PORT = 111;

    private static int users;
    private static @Nullable FileChannel usersFile;
    private static @Nullable FileLock usersLock;

    private Rpcbind() {}

    /** Makes sure that a port mapper runs until {@link #release}. */
    static synchronized void acquire() {
        try (FileChannel door = open(DOOR)) {
            door.lock();
            if (users == 0) {
                usersFile = open(USERS);
                usersLock = usersFile.lock(0, 1, true);
            }
            users++;
            if (!answers()) {
                start();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start rpcbind", e);
        }
    }

    /**
     * Runs what registers a server with the port mapper, while no other user on the machine does: a server takes away the registration that
     * is there and then puts its own, which fails if somebody else's came between.
     */
    static synchronized void register(Runnable start) {
        try (FileChannel door = open(DOOR)) {
            door.lock();
            if (!answers()) {
                start();
            }
            start.run();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start rpcbind", e);
        }
    }

    /** Gives back what {@link #acquire} took. */
    static synchronized void release() {
        FileChannel file = usersFile;
        FileLock mine = usersLock;
        if (--users > 0 || file == null || mine == null) {
            return;
        }
        try (FileChannel door = open(DOOR)) {
            door.lock();
            mine.release();
            stopIfUnused(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot end rpcbind", e);
        } finally {
            usersFile = null;
            usersLock = null;
        }
    }

    /** Ends a port mapper that users of this class started and, killed, did not end. */
    static synchronized void sweep() {
        if (users > 0) {
            return;
        }
        try (FileChannel door = open(DOOR)) {
            door.lock();
            stopIfUnused(open(USERS));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot end rpcbind", e);
        }
    }

    /** Closes {@code usersOfMachine}. */
    private static void stopIfUnused(FileChannel usersOfMachine) throws IOException {
        try (FileChannel closing = usersOfMachine;
                FileLock alone = closing.tryLock(0, 1, false)) {
            if (alone != null) {
                stopOurs();
            }
        }
    }

    private static FileChannel open(String path) throws IOException {
        return FileChannel.open(
                Path.of(path), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static void start() throws IOException {
        Process process = new ProcessBuilder(Tools.require("rpcbind").toString(), "-f", "-w")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                .start();
        Files.writeString(PID_FILE, Long.toString(process.pid()));
        Waiting.until("rpcbind answers on port " + PORT, Duration.ofSeconds(10), () -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("rpcbind ended at once with exit code " + process.exitValue());
            }
            return answers();
        });
    }

    /** Ends the process that the pid file names if it still is an rpcbind. */
    private static void stopOurs() throws IOException {
        if (!Files.exists(PID_FILE)) {
            return;
        }
        long pid = Long.parseLong(
                Files.readString(PID_FILE, StandardCharsets.US_ASCII).strip());
        ProcessHandle.of(pid)
                .filter(p -> p.info().command().orElse("").endsWith("rpcbind"))
                .ifPresent(p -> {
                    p.destroy();
                    try {
                        p.onExit().get(5, TimeUnit.SECONDS);
                    } catch (Exception e) {
                        p.destroyForcibly();
                    }
                });
        Files.deleteIfExists(PID_FILE);
    }

    private static boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
