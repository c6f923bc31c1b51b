package io.efc.fuse;

/** What SETATTR is to change (struct fuse_setattr_in): ask {@code hasX} before {@code x}. Times are nanoseconds since the epoch. */
public interface SetattrArgs {
    boolean hasMode();

    int mode();

    boolean hasUid();

    int uid();

    boolean hasGid();

    int gid();

    boolean hasSize();

    long size();

    boolean hasAtime();

    /** The server's own now instead of {@link #atime}. */
    boolean atimeNow();

    long atime();

    boolean hasMtime();

    /** The server's own now instead of {@link #mtime}. */
    boolean mtimeNow();

    long mtime();

    boolean hasCtime();

    long ctime();

    /** The open file through which it is changed, or {@link FuseFileSystem#NO_HANDLE}. */
    long fh();

    /** Strip set-uid and set-gid (HANDLE_KILLPRIV_V2). */
    boolean killSuidGid();

    long lockOwner();
}
