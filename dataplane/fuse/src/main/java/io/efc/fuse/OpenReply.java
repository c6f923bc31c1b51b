package io.efc.fuse;

/** The answer to OPEN, OPENDIR, CREATE and TMPFILE (struct fuse_open_out). */
public interface OpenReply {
    /** The page cache is bypassed. */
    int FOPEN_DIRECT_IO = 1;

    /** The page cache is kept at open. */
    int FOPEN_KEEP_CACHE = 1 << 1;

    /** The file cannot seek. */
    int FOPEN_NONSEEKABLE = 1 << 2;

    /** What READDIR answers is kept in the page cache. */
    int FOPEN_CACHE_DIR = 1 << 3;

    /** No FLUSH at close. */
    int FOPEN_NOFLUSH = 1 << 5;

    /** Direct writes of one file run in parallel. */
    int FOPEN_PARALLEL_DIRECT_WRITES = 1 << 6;

    /** The number that comes back as {@code fh}. */
    OpenReply handle(long fh);

    /** FOPEN_* bits; {@link #passthrough} sets its own. */
    OpenReply flags(int flags);

    /** Reads and writes go straight to the backing file that {@link FuseNotifier#openBacking} registered. */
    OpenReply passthrough(int backingId);
}
