package io.efc.fuse.internal;

import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.fuse.FuseException;
import io.efc.fuse.internal.wire.InHeader;
import io.efc.fuse.internal.wire.OutHeader;
import io.efc.fuse.internal.wire.WriteIn;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A request's and a reply's memory.
 *
 * <pre>
 *   request   | unused    | header 40 | fuse_write_in 40 | data ...        data starts at a page
 *   reply     | unused                | header 16        | data ...        data starts at a page
 * </pre>
 *
 * The kernel copies page by page, so aligned data is copied in whole pages. Memory of a reader is mapped, not allocated, so that pages
 * nobody touched cost nothing.
 */
record Buffers(
        MemorySegment request,
        long requestAt,
        long requestBytes,
        MemorySegment reply,
        long replyAt,
        int replyBytes,
        MemorySegment iovec) {
    private static final int PAGE = 4096;

    /** The kernel refuses to read into less (FUSE_MIN_READ_BUFFER). */
    private static final int READ_BUFFER_MIN = 8192;

    /** XATTR_SIZE_MAX: the longest value of an extended attribute and the longest list of their names. */
    private static final int REPLY_MIN = 65536;

    private static final int REQUEST_AT = PAGE - InHeader.BYTES - WriteIn.BYTES;
    private static final int REPLY_AT = PAGE - OutHeader.BYTES;

    /** Mapped buffers for requests and replies with up to {@code dataMax} bytes of data, to be given back with {@link #unmap}. */
    static Buffers map(int dataMax) {
        long requestSize = PAGE + Math.max(READ_BUFFER_MIN, roundUp(dataMax) + PAGE);
        long replySize = PAGE + Math.max(REPLY_MIN, roundUp(dataMax));
        int[] errno = new int[1];
        MemorySegment all = Libc.mmap(
                requestSize + replySize + PAGE,
                Libc.PROT_READ | Libc.PROT_WRITE,
                Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS,
                -1,
                0,
                errno);
        if (all.equals(MemorySegment.NULL)) {
            throw new FuseException("no memory for a reader's buffers of " + (requestSize + replySize) + " bytes: "
                    + Errno.of(errno[0]).text());
        }
        return split(all, requestSize, replySize);
    }

    /** Small buffers that the garbage collector frees, for a request without bulk data. */
    static Buffers small() {
        MemorySegment all = Arena.ofAuto().allocate(4L * PAGE + PAGE, PAGE);
        return split(all, 2 * PAGE, 2 * PAGE);
    }

    private static Buffers split(MemorySegment all, long requestSize, long replySize) {
        return new Buffers(
                all.asSlice(0, requestSize),
                REQUEST_AT,
                requestSize - REQUEST_AT,
                all.asSlice(requestSize, replySize),
                REPLY_AT,
                (int) (replySize - PAGE),
                all.asSlice(requestSize + replySize, DataOut.IOVEC_BYTES));
    }

    private static long roundUp(int bytes) {
        return ((long) bytes + PAGE - 1) / PAGE * PAGE;
    }

    /** Gives {@link #map}ped memory back; nobody may use the buffers any more. */
    void unmap() {
        long size = iovec.address() + PAGE - request.address();
        Libc.munmap(request.address(), size);
    }
}
