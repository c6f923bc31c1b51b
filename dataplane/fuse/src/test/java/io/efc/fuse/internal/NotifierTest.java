package io.efc.fuse.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.base.Errno;
import io.efc.base.Metrics;
import io.efc.fuse.FuseNegotiated;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NotifierTest {
    private static final byte[] NAME = {'n', 'a', 'm', 'e'};

    private final ArrayDevice device = new ArrayDevice();
    private final Notifier notifier = notifier(-1L);

    private Notifier notifier(long flags) {
        Notifier n = new Notifier(device, new FuseNegotiated(45, flags, 1 << 20, 0, 256, 64), new Metrics());
        n.start();
        return n;
    }

    private ByteBuffer next() throws InterruptedException {
        byte[] raw = device.replies.poll(10, TimeUnit.SECONDS);
        assertThat(raw).isNotNull();
        ByteBuffer b = ByteBuffer.wrap(raw).order(ByteOrder.nativeOrder());
        assertThat(b.getInt(0)).as("length").isEqualTo(raw.length);
        assertThat(b.getLong(8)).as("unique").isZero();
        return b;
    }

    @Test
    void writesEachKindInOrder() throws InterruptedException {
        MemorySegment data = Arena.global().allocateFrom(ValueLayout.JAVA_BYTE, (byte) 1, (byte) 2, (byte) 3);
        notifier.invalidateInode(5, -1, 0);
        notifier.invalidateEntry(1, NAME, true);
        notifier.delete(1, 5, NAME);
        notifier.store(5, 4096, data, 1, 2);
        notifier.incrementEpoch();
        data.set(ValueLayout.JAVA_BYTE, 1, (byte) 99);

        ByteBuffer b = next();
        assertThat(b.getInt(4)).isEqualTo(2);
        assertThat(b.getLong(16)).isEqualTo(5);
        assertThat(b.getLong(24)).isEqualTo(-1);
        b = next();
        assertThat(b.getInt(4)).isEqualTo(3);
        assertThat(b.limit()).isEqualTo(16 + 16 + 5);
        assertThat(b.getInt(24)).isEqualTo(4);
        assertThat(b.getInt(28)).as("EXPIRE_ONLY").isEqualTo(1);
        assertThat(b.get(36)).as("NUL").isZero();
        b = next();
        assertThat(b.getInt(4)).isEqualTo(6);
        assertThat(b.getLong(24)).isEqualTo(5);
        assertThat(b.limit()).isEqualTo(16 + 24 + 5);
        b = next();
        assertThat(b.getInt(4)).isEqualTo(4);
        assertThat(b.getLong(24)).isEqualTo(4096);
        assertThat(b.getInt(32)).isEqualTo(2);
        assertThat(new byte[] {b.get(40), b.get(41)}).as("copied at the call").containsExactly(2, 3);
        assertThat(next().getInt(4)).isEqualTo(8);
    }

    @Test
    void splitsALongStore() throws InterruptedException {
        MemorySegment data = Arena.global().allocate(Notifier.STORE_MAX + 7L);
        notifier.store(5, 100, data, 0, Notifier.STORE_MAX + 7);
        assertThat(next().getInt(32)).isEqualTo(Notifier.STORE_MAX);
        ByteBuffer second = next();
        assertThat(second.getInt(32)).isEqualTo(7);
        assertThat(second.getLong(24)).isEqualTo(100 + Notifier.STORE_MAX);
    }

    @Test
    void makesCallersWaitWhileTheQueueIsFullAndDrains() throws InterruptedException {
        CountDownLatch hold = new CountDownLatch(1);
        device.refuse = bytes -> {
            try {
                hold.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return Errno.OK;
        };
        Thread caller = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < Notifier.ENTRIES_MAX + 10; i++) {
                notifier.invalidateInode(i, 0, 0);
            }
        });
        caller.join(300);
        assertThat(caller.isAlive()).as("waits for room").isTrue();
        hold.countDown();
        caller.join(10_000);
        assertThat(caller.isAlive()).isFalse();
        notifier.drain(10_000_000_000L);
        assertThat(device.replies).hasSize(Notifier.ENTRIES_MAX + 10);
    }

    @Test
    void letsCallersGoWhenStopped() throws InterruptedException {
        device.refuse = bytes -> Errno.ENODEV;
        notifier.stop();
        assertThat(notifier.awaitEnd(TimeUnit.SECONDS.toNanos(5))).isTrue();
        for (int i = 0; i < Notifier.ENTRIES_MAX + 10; i++) {
            notifier.invalidateInode(i, 0, 0);
        }
        notifier.drain(10_000_000_000L);
        assertThat(device.replies).isEmpty();
    }

    @Test
    void goesOnAfterARefusal() throws InterruptedException {
        device.refuse = bytes -> bytes[16] == 1 ? Errno.EINVAL : Errno.OK;
        notifier.invalidateInode(1, 0, 0);
        notifier.invalidateInode(2, 0, 0);
        assertThat(next().getLong(16)).isEqualTo(2);
    }

    @Test
    void refusesBackingWithoutPassthrough() {
        assertThat(notifier(0).openBacking(0)).isEqualTo(-Errno.EPERM.code());
        assertThat(notifier.openBacking(0)).as("asks the device").isEqualTo(-Errno.ENOTTY.code());
        assertThat(notifier.closeBacking(1)).isEqualTo(Errno.ENOTTY);
    }
}
