package io.efc.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.store.StoreFeature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Hidden names of unlinked files that are open, on a store whose open files end with their last name. */
@Timeout(60)
class SillyNamesIT {
    private static final int ROUNDS = 2000;
    private static final int CREATE = Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL;

    @TempDir
    private Path home = Path.of("/");

    /** The kernel does not wait for a release: rmdir meets it at any moment. */
    @Test
    void aDirectoryGoesWhileTheLastCloseInItIsUnderWay() throws Exception {
        try (Kernel kernel = new Kernel(home, EnumSet.of(StoreFeature.OPEN_UNLINKED));
                ExecutorService closers = Executors.newSingleThreadExecutor()) {
            kernel.fault("unlink", a -> LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200)));
            for (int round = 0; round < ROUNDS; round++) {
                String name = "d" + round;
                long directory = kernel.mkdir(name);
                Kernel.File f = kernel.create(directory, "f", CREATE);
                assertThat(kernel.unlink(directory, "f")).isEqualTo(Errno.OK);
                Future<?> close = closers.submit(() -> kernel.release(f));
                pause(TimeUnit.MICROSECONDS.toNanos(round % 200));
                assertThat(kernel.rmdir(name)).as("round %d", round).isEqualTo(Errno.OK);
                close.get();
            }
            try (Stream<Path> left = Files.list(kernel.store())) {
                assertThat(left).isEmpty();
            }
        }
    }

    @Test
    void aDirectoryIsReplacedThatHasOnlyHiddenNames() throws Exception {
        try (Kernel kernel = new Kernel(home, EnumSet.of(StoreFeature.OPEN_UNLINKED))) {
            kernel.mkdir("from");
            long directory = kernel.mkdir("to");
            Kernel.File f = kernel.create(directory, "f", CREATE);
            assertThat(kernel.write(f, 0, new byte[] {1, 2, 3})).isEqualTo(Errno.OK);
            assertThat(kernel.unlink(directory, "f")).isEqualTo(Errno.OK);
            assertThat(kernel.rename("from", "to")).isEqualTo(Errno.OK);
            assertThat(kernel.read(f, 0, 10)).containsExactly(1, 2, 3);
            kernel.release(f);
            assertThat(kernel.store()).isDirectoryNotContaining(p -> !p.endsWith("to"));

            long full = kernel.mkdir("full");
            kernel.release(kernel.create(full, "f", CREATE));
            assertThat(kernel.rename("to", "full")).isEqualTo(Errno.ENOTEMPTY);
        }
    }

    private static void pause(long nanos) {
        long until = System.nanoTime() + nanos;
        while (System.nanoTime() - until < 0) {
            Thread.onSpinWait();
        }
    }
}
