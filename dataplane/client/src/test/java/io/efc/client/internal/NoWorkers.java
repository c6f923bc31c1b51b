package io.efc.client.internal;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A cluster whose workers are all away. */
public final class NoWorkers implements ClusterCache {
    @Override
    public Source read(CachedFile file, long position, MemorySegment to, long toOffset, int length, Pattern pattern) {
        return Source.UNAVAILABLE;
    }

    @Override
    public int blockBytes() {
        return 1 << 20;
    }

    @Override
    public @Nullable WholeFile whole(CachedFile file) {
        return null;
    }

    @Override
    public void close() {
        // There is nothing.
    }
}
