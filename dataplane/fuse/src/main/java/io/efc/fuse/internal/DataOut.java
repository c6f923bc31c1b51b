package io.efc.fuse.internal;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.efc.base.Check;
import io.efc.fuse.DataReply;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** The bytes of READ and READLINK: in the reply buffer, or in pieces elsewhere that go into the writev after the header. */
final class DataOut implements DataReply {
    /** The most pieces of {@link #add}. */
    static final int PIECES_MAX = 64;

    /** Bytes of the struct iovec array: the header's and the pieces'. */
    static final int IOVEC_BYTES = 16 * (PIECES_MAX + 1);

    private final MemorySegment buffer;
    private final long bufferOffset;
    private final MemorySegment iovec;
    private int room;
    private int length;
    private int pieces;
    private @Nullable Runnable release;
    private @Nullable Runnable releaseAlso;

    DataOut(MemorySegment buffer, long bufferOffset, MemorySegment iovec) {
        this.buffer = buffer;
        this.bufferOffset = bufferOffset;
        this.iovec = iovec;
    }

    /** Starts an answer of at most {@code bytes}. */
    void begin(int bytes) {
        room = bytes;
        length = 0;
        pieces = 0;
        release = null;
        releaseAlso = null;
    }

    @Override
    public MemorySegment buffer() {
        return buffer;
    }

    @Override
    public long bufferOffset() {
        return bufferOffset;
    }

    @Override
    public void length(int bytes) {
        Check.state(pieces == 0, "the answer already has pieces");
        Check.state(bytes >= 0 && bytes <= room, "an answer of %d bytes to a request for %d", bytes, room);
        length = bytes;
    }

    @Override
    public void add(MemorySegment segment, long offset, int bytes) {
        Check.state(pieces > 0 || length == 0, "the answer is already in the buffer");
        Check.state(pieces < PIECES_MAX, "more than %d pieces", PIECES_MAX);
        Check.state(bytes >= 0 && bytes <= room - length, "%d more bytes in a room of %d", bytes, room - length);
        Check.argument(segment.isNative(), "a heap segment cannot be handed to the kernel");
        Check.range(offset, bytes, segment.byteSize());
        if (bytes == 0) {
            return;
        }
        pieces++;
        iovec.set(JAVA_LONG, 16L * pieces, segment.address() + offset);
        iovec.set(JAVA_LONG, 16L * pieces + 8, bytes);
        length += bytes;
    }

    @Override
    public void onWritten(Runnable action) {
        Check.state(releaseAlso == null, "onWritten was called more than twice");
        if (release == null) {
            release = action;
        } else {
            releaseAlso = action;
        }
    }

    int length() {
        return length;
    }

    /** How many pieces lie elsewhere: 0 if the bytes are in the buffer. */
    int pieces() {
        return pieces;
    }

    /** The struct iovec array with the header as its first entry. */
    MemorySegment iovecWithHeader(long headerAddress, int headerBytes) {
        iovec.set(JAVA_LONG, 0, headerAddress);
        iovec.set(JAVA_LONG, 8, headerBytes);
        return iovec;
    }

    /** Runs and forgets what {@link #onWritten} was given. */
    void released() {
        Runnable first = release;
        Runnable second = releaseAlso;
        release = null;
        releaseAlso = null;
        if (first != null) {
            first.run();
        }
        if (second != null) {
            second.run();
        }
    }
}
