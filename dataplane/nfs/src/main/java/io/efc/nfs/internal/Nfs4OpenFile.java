package io.efc.nfs.internal;

import io.efc.base.Credentials;
import io.efc.nfs.NfsAccess;
import io.efc.nfs.NfsOpenFile;
import org.jspecify.annotations.Nullable;

/**
 * An open state on the server. Each open has an open-owner of its own, so that no two share a stateid and CLOSE needs no counting. I/O names the
 * stateid with seqid 0, "the latest" (RFC 8881 section 8.2.2).
 */
final class Nfs4OpenFile implements NfsOpenFile {
    private final byte[] handle;
    private final NfsAccess access;
    private final Credentials caller;
    private final long owner;

    private final Nfs4SharedFile shared;
    private volatile byte[] stateid;
    private volatile boolean closed;

    Nfs4OpenFile(
            byte[] handle, NfsAccess access, Credentials caller, long owner, byte[] stateid, Nfs4SharedFile shared) {
        this.handle = handle;
        this.access = access;
        this.caller = caller;
        this.owner = owner;
        this.stateid = stateid;
        this.shared = shared;
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

    /** What it has in common with the other open files of its handle. */
    Nfs4SharedFile shared() {
        return shared;
    }

    /** What was written to the file and not committed; null if this open file does not write. */
    @Nullable
    UnstableWrites unstable() {
        return access.writes() ? shared.unstable : null;
    }
}
