package io.efc.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs as root. */
class ThreadCallsIT {
    @Test
    void assumesAnotherUserOnOneThreadOnlyAndResumes(@TempDir Path directory) throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "x");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Credentials other = new Credentials(12345, 23456, new int[] {34567});
        List<String> elsewhere = new ArrayList<>();
        CountDownLatch assumed = new CountDownLatch(1);
        Thread neighbour = Thread.ofPlatform().start(() -> {
            try {
                assumed.await();
                elsewhere.add(Files.readString(secret));
            } catch (Exception e) {
                elsewhere.add(e.toString());
            }
        });
        int denied;
        String status;
        assertThat(ThreadCalls.assume(other)).isZero();
        try {
            denied = open(secret);
            status = Files.readString(Path.of("/proc/thread-self/status"));
            assumed.countDown();
            neighbour.join();
        } finally {
            ThreadCalls.resume(other);
        }
        assertThat(denied).isEqualTo(-Errno.EACCES.code());
        assertThat(status).containsPattern("Uid:\\s+0\\s+0\\s+0\\s+12345").containsPattern("Groups:\\s+34567 ");
        assertThat(status).containsPattern("Gid:\\s+0\\s+0\\s+0\\s+23456");
        assertThat(elsewhere).containsExactly("x");
        int fd = open(secret);
        assertThat(fd).isNotNegative();
        Libc.close(fd);
        assertThat(Files.readString(Path.of("/proc/thread-self/status"))).doesNotContain("34567");
    }

    @Test
    void hasAUmaskOfItsOwnAfterUnshare() throws Exception {
        int before = Libc.umask(022);
        Libc.umask(before);
        Thread thread = Thread.ofPlatform().start(() -> {
            assertThat(ThreadCalls.unshareFs()).isZero();
            Libc.umask(0111);
        });
        thread.join();
        int after = Libc.umask(before);
        assertThat(after).isEqualTo(before);
    }

    private static int open(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            return Libc.open(Libc.cString(arena, path.toString()), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        }
    }
}
