package io.efc.nfs.internal;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What all open files of one handle have in common: uncommitted writes and locks. */
final class Nfs4SharedFile {
    /** What one lock owner holds on the file. */
    static final class Held {
        final ByteRanges ranges = new ByteRanges();

        /** The lock stateid; null until the first LOCK, and after the server forgot it. */
        volatile byte @Nullable [] stateid;

        /** The open file that the lock stateid was made from: it goes when that one is closed. */
        volatile @Nullable Nfs4OpenFile via;
    }

    final UnstableWrites unstable;

    /** Serializes recovery and locking of the file; held while requests are sent, hence never taken by the keeper. */
    final ReentrantLock mutex = new ReentrantLock();

    /** By lock owner. */
    final Map<Long, Held> locks = new ConcurrentHashMap<>();

    /** Open files; guarded by {@link Nfs4Opens}. */
    int users;

    Nfs4SharedFile(UnstableWrites unstable) {
        this.unstable = unstable;
    }
}
