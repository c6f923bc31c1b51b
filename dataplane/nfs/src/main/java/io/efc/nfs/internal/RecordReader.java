package io.efc.nfs.internal;

import io.efc.base.Errno;
import io.efc.base.RawMemory;
import io.efc.base.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Takes records apart (RFC 5531 section 11): each fragment begins with 4 bytes, the highest bit of which marks the record's last fragment and the rest
 * its length. Small pieces pass through a staging buffer, so that one recv(2) brings many small replies; the rest of a large piece is received straight
 * into its destination. Used by one thread at a time.
 */
final class RecordReader {
    /** The stream ended or failed; the connection is of no use any more. */
    static final class EndOfStream extends RuntimeException {
        EndOfStream(String why) {
            super(why, null, false, false);
        }
    }

    /** Small, since what it holds of a large reply is copied once more. */
    private static final int STAGING_BYTES = 4096;

    /** A destination with less room than this is filled through the staging buffer. */
    private static final int DIRECT_BYTES_LEAST = 2048;

    /** No server of reason cuts a reply into more. */
    private static final int FRAGMENTS_MAX = 4096;

    private static final int LAST = 0x80000000;

    private final MemorySegment staging;
    private final int recordBytesMax;
    private int fd = -1;
    private int start;
    private int end;
    private int fragmentLeft;
    private boolean lastFragment;
    private int fragments;
    private long recordBytes;

    RecordReader(Arena arena, int recordBytesMax) {
        this.staging = arena.allocate(STAGING_BYTES, 8);
        this.recordBytesMax = recordBytesMax;
    }

    /** Begins a new stream. */
    void attach(int fd) {
        this.fd = fd;
        start = 0;
        end = 0;
    }

    /** Waits for the next record's first byte. */
    void next() {
        fragments = 0;
        recordBytes = 0;
        lastFragment = false;
        fragmentLeft = 0;
        nextFragment();
    }

    private void nextFragment() {
        while (end - start < 4) {
            fill();
        }
        int marker = staging.get(XdrWriter.I32, start);
        start += 4;
        lastFragment = (marker & LAST) != 0;
        fragmentLeft = marker & ~LAST;
        recordBytes += fragmentLeft;
        if (recordBytes > recordBytesMax) {
            throw new XdrException("a record of " + recordBytes + " bytes, more than " + recordBytesMax);
        }
        if (++fragments > FRAGMENTS_MAX) {
            throw new XdrException("a record of more than " + FRAGMENTS_MAX + " fragments");
        }
    }

    /** Reads up to {@code n} bytes of the record to {@code to}; fewer only at the record's end. */
    int read(MemorySegment to, int offset, int n) {
        return read(RawMemory.address(to, offset, n), n);
    }

    /** As above, to an address that whoever waits for the bytes keeps alive. */
    int read(long address, int n) {
        int done = 0;
        while (done < n && more()) {
            int want = Math.min(n - done, fragmentLeft);
            int staged = Math.min(want, end - start);
            if (staged > 0) {
                RawMemory.copyTo(staging, start, address + done, staged);
                start += staged;
            } else if (want >= DIRECT_BYTES_LEAST) {
                staged = received(Sockets.recv(fd, address + done, want, Sockets.MSG_WAITALL));
            } else {
                fill();
            }
            done += staged;
            fragmentLeft -= staged;
        }
        return done;
    }

    /** Passes over the rest of the record; its length. */
    long skipRest() {
        long skipped = 0;
        while (more()) {
            if (start == end) {
                fill();
            }
            int n = Math.min(fragmentLeft, end - start);
            start += n;
            fragmentLeft -= n;
            skipped += n;
        }
        return skipped;
    }

    /** Bytes of the record's fragments so far. */
    long recordBytes() {
        return recordBytes;
    }

    /** Whether the record has more bytes. */
    boolean more() {
        while (fragmentLeft == 0 && !lastFragment) {
            nextFragment();
        }
        return fragmentLeft > 0;
    }

    private void fill() {
        if (start > 0) {
            MemorySegment.copy(staging, start, staging, 0, end - start);
            end -= start;
            start = 0;
        }
        end += received(Sockets.recv(fd, staging, end, STAGING_BYTES - end, 0));
    }

    private static int received(long result) {
        if (result > 0) {
            return (int) result;
        }
        if (result == -Errno.EINTR.code()) {
            return 0;
        }
        throw new EndOfStream(
                result == 0
                        ? "the server closed the connection"
                        : Errno.ofResult(result).text());
    }
}
