package io.efc.testing.posix;

/** What a file system may lack and still be one. Each lack is found by trying and is printed, never passed over. */
public enum Capability {
    /** link(2). */
    HARD_LINKS("hard links"),
    /** symlink(2). */
    SYMLINKS("symbolic links"),
    /** mknod(2) of a FIFO. */
    FIFOS("FIFOs"),
    /** mknod(2) of a device. */
    DEVICES("device nodes"),
    /** Attributes in {@code user.}. */
    USER_XATTRS("user.* extended attributes"),
    /** Attributes in {@code trusted.}. */
    TRUSTED_XATTRS("trusted.* extended attributes"),
    /** open(2) with O_TMPFILE. */
    TMPFILE("O_TMPFILE"),
    /** fallocate(2) without flags. */
    FALLOCATE("fallocate"),
    /** FALLOC_FL_KEEP_SIZE alone. */
    KEEP_SIZE("fallocate behind the end of the file"),
    /** FALLOC_FL_PUNCH_HOLE. */
    PUNCH_HOLE("punching holes"),
    /** FALLOC_FL_ZERO_RANGE. */
    ZERO_RANGE("FALLOC_FL_ZERO_RANGE"),
    /** lseek(2) that finds holes, not merely the end of the file. */
    SEEK_HOLE("holes found by SEEK_HOLE"),
    /** copy_file_range(2). */
    COPY_FILE_RANGE("copy_file_range"),
    /** RENAME_NOREPLACE. */
    RENAME_NOREPLACE("RENAME_NOREPLACE"),
    /** RENAME_EXCHANGE. */
    RENAME_EXCHANGE("RENAME_EXCHANGE"),
    /** RENAME_WHITEOUT. */
    RENAME_WHITEOUT("RENAME_WHITEOUT"),
    /** Names that are not UTF-8. */
    BYTE_NAMES("names that are not UTF-8"),
    /** Shared writable mappings. */
    SHARED_MMAP("shared writable mappings"),
    /** fcntl(2) locks. */
    RECORD_LOCKS("record locks"),
    /** flock(2). */
    FLOCK("flock"),
    /** A lock that would complete a circle of waiters is refused with EDEADLK. */
    DEADLOCK_DETECTION("detection of lock deadlocks"),
    /** open(2) with O_DIRECT. */
    DIRECT_IO("O_DIRECT"),
    /** A file that is open but has lost its last name has st_nlink 0. */
    ZERO_NLINK("st_nlink 0 of an open, unlinked file"),
    /**
     * The last close of a file without names leaves its former directory's times alone; where a client keeps such files under hidden names,
     * as those of NFS do, it moves them. Not tried: the close may be seen late.
     */
    QUIET_CLOSE("directories whose times stay when a file without names is closed"),
    /** utimensat(2) of a symbolic link itself. */
    SYMLINK_TIMES("times of symbolic links that can be set"),
    /** A file that grows shows zeros where a mapping had stored bytes behind its old end. */
    ZEROED_TAIL("zeros over what a mapping stored behind the end"),
    /** Reading moves atime, as relatime does it. */
    ATIME("atime moved by reading"),
    /** statx(2) gives the birth time. */
    BIRTH_TIME("birth time");

    private final String text;

    Capability(String text) {
        this.text = text;
    }

    /** For people. */
    public String text() {
        return text;
    }
}
