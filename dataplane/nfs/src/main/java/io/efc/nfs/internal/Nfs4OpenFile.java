package io.efc.nfs.internal;

import io.efc.base.Credentials;
import io.efc.nfs.NfsAccess;
import io.efc.nfs.NfsOpenFile;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An open state on the server. Each open has an open-owner of its own, so that no two share a stateid and CLOSE needs no counting. I/O names the
 * stateid with seqid 0, "the latest" (RFC 8881 section 8.2.2).
 */
final class Nfs4OpenFile implements NfsOpenFile {
    /** What one lock owner holds on this open file. */
    static final class Locks {
        final ByteRanges ranges = new ByteRanges();

        /** The lock stateid; null until the first LOCK, and after the server forgot it. */
        volatile byte @Nullable [] stateid;
    }

    private final byte[] handle;
    private final NfsAccess access;
    private final Credentials caller;
    private final long owner;

    /** Serializes recovery and locking of this file; held while requests are sent, hence never taken by the keeper. */
    final ReentrantLock mutex = new ReentrantLock();

    /** By lock owner. */
    final Map<Long, Locks> locks = new ConcurrentHashMap<>();

    private volatile byte[] stateid;
    private volatile boolean closed;
    private final @Nullable UnstableWrites unstable;

    Nfs4OpenFile(
            byte[] handle,
            NfsAccess access,
            Credentials caller,
            long owner,
            byte[] stateid,
            @Nullable UnstableWrites unstable) {
        this.handle = handle;
        this.access = access;
        this.caller = caller;
        this.owner = owner;
        this.stateid = stateid;
        this.unstable = unstable;
    }

    @Override
    public byte[] handle() {
        return handle;
    }

    @Override
    public NfsAccess access() {
        return access;
    }

    /** Who opened it, and reopens it. */
    Credentials caller() {
        return caller;
    }

    /** The open-owner's number. */
    long owner() {
        return owner;
    }

    /** The open stateid without its seqid; another array after a recovery. */
    byte[] stateid() {
        return stateid;
    }

    void stateid(byte[] now) {
        stateid = now;
    }

    boolean closed() {
        return closed;
    }

    void markClosed() {
        closed = true;
    }

    /** What was written to the file and not committed, shared by all its open files; null if this one does not write. */
    @Nullable
    UnstableWrites unstable() {
        return unstable;
    }
}
