package io.efc.fuse;

import java.lang.foreign.MemorySegment;

/**
 * The bytes of READ and READLINK. Either the file system puts them into {@link #buffer} and says how many with {@link #length}, or it
 * names, with {@link #add}, where they lie: those are written to the kernel from there, without a copy.
 */
public interface DataReply {
    /** Room for as many bytes as the request asked for, starting at {@link #bufferOffset}. Off-heap; valid until the method returns. */
    MemorySegment buffer();

    /** Where in {@link #buffer} the room starts. */
    long bufferOffset();

    /** The first {@code bytes} of the room are the answer. */
    void length(int bytes);

    /** Appends bytes that lie elsewhere off-heap, at most 64 pieces; they must stay unchanged until {@code release} runs. */
    void add(MemorySegment segment, long offset, int length);

    /** Runs once the kernel has the bytes, or the reply failed: unpins what {@link #add} named. At most two for a reply. */
    void onWritten(Runnable release);
}
