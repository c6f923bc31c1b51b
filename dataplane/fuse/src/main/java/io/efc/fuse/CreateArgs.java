package io.efc.fuse;

/** What CREATE and TMPFILE ask for (struct fuse_create_in). */
public interface CreateArgs {
    /** open(2)'s flags. */
    int flags();

    /** File type and permission bits. */
    int mode();

    int umask();

    /** Strip set-uid and set-gid if the file exists and is cut (HANDLE_KILLPRIV_V2). */
    boolean killSuidGid();
}
