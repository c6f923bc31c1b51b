package io.efc.fuse;

/**
 * Where a reply's attributes (struct fuse_attr) are written; every setter returns {@code this}. Times are nanoseconds since
 * 1970-01-01T00:00Z and may be negative. All fields are 0 until set.
 */
public interface FuseAttr {
    FuseAttr ino(long ino);

    /** Bytes. */
    FuseAttr size(long bytes);

    /** Units of 512 bytes. */
    FuseAttr blocks(long count);

    FuseAttr atime(long nanos);

    FuseAttr mtime(long nanos);

    FuseAttr ctime(long nanos);

    /** File type and permission bits. */
    FuseAttr mode(int mode);

    FuseAttr nlink(int count);

    FuseAttr uid(int uid);

    FuseAttr gid(int gid);

    FuseAttr rdev(int device);

    /** The preferred size of an I/O, bytes. */
    FuseAttr blksize(int bytes);
}
