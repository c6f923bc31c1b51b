package io.efc.store.internal;

import io.efc.nfs.NfsAccess;
import io.efc.nfs.NfsAttr;
import io.efc.nfs.NfsEntry;
import io.efc.nfs.NfsException;
import io.efc.nfs.NfsLock;
import io.efc.nfs.NfsMade;
import io.efc.nfs.NfsReadResult;
import io.efc.nfs.NfsRenamed;
import io.efc.store.Access;
import io.efc.store.FileHandle;
import io.efc.store.FileLock;
import io.efc.store.Made;
import io.efc.store.ReadResult;
import io.efc.store.Renamed;
import io.efc.store.StoreAttr;
import io.efc.store.StoreEntry;
import io.efc.store.StoreException;
import org.jspecify.annotations.Nullable;

/** The NFS client's values in the words of stores, and the other way round. */
final class NfsTypes {
    private NfsTypes() {}

    /** The same failure in this interface's words. */
    static StoreException failed(NfsException e) {
        String message = String.valueOf(e.getMessage());
        String errno = ": " + e.errno().text() + " (" + e.errno() + ")";
        Throwable cause = e.getCause();
        if (cause != null) {
            return new StoreException(e.errno(), message, cause);
        }
        return new StoreException(
                e.errno(), message.endsWith(errno) ? message.substring(0, message.length() - errno.length()) : message);
    }

    static StoreAttr attr(NfsAttr a) {
        return new StoreAttr(
                a.fileId(),
                a.fsid(),
                a.mode(),
                a.nlink(),
                a.uid(),
                a.gid(),
                a.rdev(),
                a.size(),
                (a.used() + 511) / 512,
                a.atime(),
                a.mtime(),
                a.ctime(),
                a.change());
    }

    static @Nullable StoreAttr attrOrNull(@Nullable NfsAttr a) {
        return a == null ? null : attr(a);
    }

    static StoreEntry entry(NfsEntry e) {
        return new StoreEntry(new FileHandle(e.handle()), attr(e.attr()));
    }

    static Made made(NfsMade m) {
        return new Made(entry(m.entry()), attrOrNull(m.directory()));
    }

    static Renamed renamed(NfsRenamed r) {
        NfsEntry moved = r.moved();
        return new Renamed(attrOrNull(r.from()), attrOrNull(r.to()), moved == null ? null : entry(moved));
    }

    static NfsAccess access(Access access) {
        return NfsAccess.valueOf(access.name());
    }

    static ReadResult result(NfsReadResult r) {
        return new ReadResult(r.count(), r.eof(), attrOrNull(r.attr()));
    }

    static NfsLock lock(FileLock lock) {
        return new NfsLock(lock.owner(), lock.start(), lock.length(), lock.exclusive());
    }
}
