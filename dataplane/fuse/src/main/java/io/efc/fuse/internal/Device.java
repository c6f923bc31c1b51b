package io.efc.fuse.internal;

import java.lang.foreign.MemorySegment;

/**
 * Where requests come from and replies go to: {@code /dev/fuse}, or byte arrays in a test. All methods may be called by many threads
 * at once and return what the system call returned, or minus the errno.
 */
public interface Device {
    /** Waits for a request and puts it at {@code offset}: its bytes. One call takes one whole request. */
    long read(MemorySegment to, long offset, long length);

    /** Hands over one whole reply or notification. */
    long write(MemorySegment from, long offset, long length);

    /** Hands over one whole reply that lies in {@code count} pieces (struct iovec). */
    long writev(MemorySegment iovec, int count);

    /** A command of {@code /dev/fuse}; {@code argument} is an address. */
    int ioctl(long command, long argument);
}
