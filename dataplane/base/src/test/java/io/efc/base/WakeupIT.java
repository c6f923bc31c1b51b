package io.efc.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WakeupIT {
    @Test
    void endsABlockingReadWithEintr() throws InterruptedException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment ends = arena.allocate(8, 4);
            assertThat(Libc.pipe2(ends, Libc.O_CLOEXEC)).isZero();
            int readEnd = ends.get(ValueLayout.JAVA_INT, 0);
            MemorySegment buffer = arena.allocate(1);
            AtomicInteger tid = new AtomicInteger();
            AtomicLong result = new AtomicLong();
            Thread reader = Thread.ofPlatform().start(() -> {
                tid.set(Libc.gettid());
                result.set(Libc.read(readEnd, buffer, 0, 1));
            });
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (reader.isAlive() && System.nanoTime() - deadline < 0) {
                if (tid.get() != 0) {
                    Wakeup.wake(tid.get());
                }
                reader.join(5);
            }
            assertThat(reader.isAlive()).isFalse();
            assertThat(result.get()).isEqualTo(-Errno.EINTR.code());
            Libc.close(readEnd);
            Libc.close(ends.get(ValueLayout.JAVA_INT, 4));
        }
    }

    @Test
    void saysThatAThreadIsGone() {
        assertThat(Wakeup.wake(Integer.MAX_VALUE)).isEqualTo(-Errno.ESRCH.code());
    }
}
