package io.efc.nfs;

/**
 * A file's attributes. Times are nanoseconds since the epoch.
 *
 * @param fileId the server's number of the file, unique within {@code fsid} while the file lives
 * @param fsid which of the server's file systems
 * @param mode file type and permission bits, as st_mode
 * @param rdev device number as Linux encodes it for user space
 * @param size bytes
 * @param used bytes that the file takes on the server
 * @param change differs whenever data or attributes changed: NFSv4's change attribute; for v3 a hash of ctime, mtime and size
 */
public record NfsAttr(
        long fileId,
        long fsid,
        int mode,
        int nlink,
        int uid,
        int gid,
        long rdev,
        long size,
        long used,
        long atime,
        long mtime,
        long ctime,
        long change) {
    /** Mask of the type in {@link #mode}. */
    public static final int S_IFMT = 0xf000;

    /** Type: directory. */
    public static final int S_IFDIR = 0x4000;

    /** Type: regular file. */
    public static final int S_IFREG = 0x8000;

    /** The d_type of readdir(3): 4 a directory, 8 a regular file, 10 a symbolic link. */
    public int type() {
        return mode >>> 12 & 0xf;
    }

    public boolean isDirectory() {
        return (mode & S_IFMT) == S_IFDIR;
    }

    public boolean isRegular() {
        return (mode & S_IFMT) == S_IFREG;
    }
}
