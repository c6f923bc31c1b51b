package io.efc.client.internal;

import org.jspecify.annotations.Nullable;

/** One buffer of the {@link ChunkPool}. All fields but the bytes are guarded by the pool's lock. */
final class Chunk {
    /** What is in it. */
    enum State {
        FREE,
        FETCHING,
        READY,
        FAILED
    }

    /** Where its bytes are in the pool's memory. */
    final long memoryOffset;

    State state = State.FREE;

    /** Whose bytes; null if they are wanted no more. */
    @Nullable
    OpenInode owner;

    OpenInode.@Nullable View view;

    /** Through which open file it is fetched. */
    @Nullable
    FuseFile file;

    /** Which chunk of the file. */
    long index;

    /** First and last + 1 position of the file that it holds. */
    long from;

    long to;

    int pins;

    /** How far a reader has come in it. */
    long readTo;

    long lastUse;

    Chunk(long memoryOffset) {
        this.memoryOffset = memoryOffset;
    }
}
