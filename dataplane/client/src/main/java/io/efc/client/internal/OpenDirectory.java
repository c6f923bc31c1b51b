package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.store.DirPage;
import io.efc.store.FileHandle;
import org.jspecify.annotations.Nullable;

/** An open directory: the page of its listing that the kernel is in. Guarded by itself. */
final class OpenDirectory {
    final long nodeId;
    final Namespace.Part part;
    final FileHandle handle;
    final Credentials caller;

    /** The store's cookie after which {@link #page} begins. */
    long pageCookie;

    @Nullable
    DirPage page;

    boolean pagePlus;
    long pageAskedAt;
    long verifier;

    OpenDirectory(long nodeId, Namespace.Part part, FileHandle handle, Credentials caller) {
        this.nodeId = nodeId;
        this.part = part;
        this.handle = handle;
        this.caller = caller;
    }
}
