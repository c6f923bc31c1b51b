package io.efc.fuse.internal;

import io.efc.base.Errno;
import io.efc.base.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An open descriptor of {@code /dev/fuse}. Whoever made it closes the descriptor. */
public final class FdDevice implements Device {
    private final int fd;

    public FdDevice(int fd) {
        this.fd = fd;
    }

    public int fd() {
        return fd;
    }

    /** Blocks even if whoever opened the descriptor made it non-blocking; EINTR after {@link io.efc.base.Wakeup#wake}. */
    @Override
    public long read(MemorySegment to, long offset, long length) {
        long n = Libc.read(fd, to, offset, length);
        return n == -Errno.EAGAIN.code() ? awaitInput() : n;
    }

    /** Waits until there is something to read: EAGAIN, or what ended the wait. */
    private long awaitInput() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pollfd = arena.allocate(8, 8);
            pollfd.set(ValueLayout.JAVA_INT, 0, fd);
            pollfd.set(ValueLayout.JAVA_SHORT, 4, (short) Libc.POLLIN);
            int n = Libc.poll(pollfd, 1, -1);
            return n < 0 ? n : -Errno.EAGAIN.code();
        }
    }

    @Override
    public long write(MemorySegment from, long offset, long length) {
        return Libc.write(fd, from, offset, length);
    }

    @Override
    public long writev(MemorySegment iovec, int count) {
        return Libc.writev(fd, iovec, count);
    }

    @Override
    public int ioctl(long command, long argument) {
        return Libc.ioctl(fd, command, argument);
    }
}
