package io.efc.fuse.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.efc.base.Errno;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The kernel's side as byte arrays: requests are queued, replies collected. */
final class ArrayDevice implements Device {
    final BlockingQueue<byte[]> requests = new LinkedBlockingQueue<>();
    final BlockingQueue<byte[]> replies = new LinkedBlockingQueue<>();
    volatile boolean gone;

    /** What a write gets instead of its length; null for success. */
    volatile @Nullable Function<byte[], Errno> refuse;

    @Override
    public long read(MemorySegment to, long offset, long length) {
        try {
            while (!gone) {
                byte[] message = requests.poll(5, TimeUnit.MILLISECONDS);
                if (message == null) {
                    return -Errno.EINTR.code();
                }
                if (message.length > length) {
                    return -Errno.EINVAL.code();
                }
                MemorySegment.copy(message, 0, to, JAVA_BYTE, offset, message.length);
                return message.length;
            }
        } catch (InterruptedException e) {
            throw new AssertionError("an interrupt leaked out of a request", e);
        }
        return -Errno.ENODEV.code();
    }

    @Override
    public long write(MemorySegment from, long offset, long length) {
        return reply(from.asSlice(offset, length).toArray(JAVA_BYTE));
    }

    @Override
    public long writev(MemorySegment iovec, int count) {
        byte[] all = {};
        for (int i = 0; i < count; i++) {
            long address = iovec.get(JAVA_LONG, 16L * i);
            int length = (int) iovec.get(JAVA_LONG, 16L * i + 8);
            byte[] piece = MemorySegment.ofAddress(address).reinterpret(length).toArray(JAVA_BYTE);
            all = Arrays.copyOf(all, all.length + length);
            System.arraycopy(piece, 0, all, all.length - length, length);
        }
        return reply(all);
    }

    private long reply(byte[] bytes) {
        Function<byte[], Errno> f = refuse;
        Errno errno = f == null ? Errno.OK : f.apply(bytes);
        if (!errno.isOk()) {
            return -errno.code();
        }
        replies.add(bytes);
        return bytes.length;
    }

    @Override
    public int ioctl(long command, long argument) {
        return -Errno.ENOTTY.code();
    }
}
