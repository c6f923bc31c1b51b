package io.efc.nfs.internal;

import io.efc.base.Credentials;
import io.efc.nfs.NfsAccess;
import io.efc.nfs.NfsOpenFile;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A file in use; the server knows nothing of it. */
final class Nfs3OpenFile implements NfsOpenFile {
    private final byte[] handle;
    private final NfsAccess access;
    private final Credentials caller;
    private final @Nullable UnstableWrites unstable;
    private final AtomicBoolean closed = new AtomicBoolean();

    Nfs3OpenFile(byte[] handle, NfsAccess access, Credentials caller, @Nullable UnstableWrites unstable) {
        this.handle = handle;
        this.access = access;
        this.caller = caller;
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

    /** Who opened it. */
    Credentials caller() {
        return caller;
    }

    /** What was written to the file and not committed, shared by all its open files; null if this one does not write. */
    @Nullable
    UnstableWrites unstable() {
        return unstable;
    }

    boolean isClosed() {
        return closed.get();
    }

    /** True for the first call. */
    boolean markClosed() {
        return closed.compareAndSet(false, true);
    }
}
