package io.efc.client.internal;

import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.client.ClientException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;

/** The directory of a mount's state, locked against other processes. */
final class StateDirectory implements AutoCloseable {
    private static final int LOCK_EX_NB = 2 | 4;

    private final Path path;
    private final int lock;

    private StateDirectory(Path path, int lock) {
        this.path = path;
        this.lock = lock;
    }

    /** Makes it if it is absent, and locks it. */
    static StateDirectory open(Path path) {
        try {
            Files.createDirectories(path);
        } catch (IOException e) {
            throw new ClientException("cannot make the state directory " + path + ": " + e.getMessage(), e);
        }
        int fd;
        try (Arena arena = Arena.ofConfined()) {
            fd = Libc.open(
                    Libc.cString(arena, path.resolve("lock").toString()),
                    Libc.O_RDWR | Libc.O_CREAT | Libc.O_CLOEXEC,
                    0600);
        }
        if (fd < 0) {
            throw new ClientException("cannot use the state directory " + path + ": "
                    + Errno.ofResult(fd).text());
        }
        if (Libc.flock(fd, LOCK_EX_NB) < 0) {
            Libc.close(fd);
            throw new ClientException(
                    "another client uses the state directory " + path + "; every mount needs one of its own");
        }
        return new StateDirectory(path, fd);
    }

    Path path() {
        return path;
    }

    /** Forgets the inodes of a former mount: a new mount's kernel knows none of them. */
    void forgetInodes() {
        try {
            Files.deleteIfExists(path.resolve("inodes"));
            Files.deleteIfExists(path.resolve("handles"));
        } catch (IOException e) {
            throw new ClientException("cannot clear the state directory " + path + ": " + e.getMessage(), e);
        }
    }

    /**
     * Notes what the state is about; refuses state of something else.
     *
     * @param mustMatch there is state that means something only for the same {@code identity}
     */
    void identify(String identity, boolean mustMatch) {
        Path file = path.resolve("identity");
        try {
            if (mustMatch && (!Files.exists(file) || !Files.readString(file).equals(identity))) {
                throw new ClientException(
                        "the state directory " + path
                                + " has unwritten bytes of another dataset; mount that once more, or remove the directory to lose them");
            }
            Files.writeString(file, identity);
        } catch (IOException e) {
            throw new ClientException("cannot use the state directory " + path + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        Libc.close(lock);
    }
}
