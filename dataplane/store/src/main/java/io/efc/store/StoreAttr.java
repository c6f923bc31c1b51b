package io.efc.store;

/**
 * A file's attributes. Times are nanoseconds since the epoch.
 *
 * @param fileId the store's number of the file, unique within {@code fsid} while the file lives
 * @param fsid which file system of the store
 * @param mode file type and permission bits
 * @param size bytes
 * @param blocks units of 512 bytes
 * @param rdev device number as Linux encodes it for user space
 * @param change differs whenever data or attributes changed: the NFSv4 change attribute, or a hash of ctime, mtime and size where the
 *     store has none
 */
public record StoreAttr(
        long fileId,
        long fsid,
        int mode,
        int nlink,
        int uid,
        int gid,
        long rdev,
        long size,
        long blocks,
        long atime,
        long mtime,
        long ctime,
        long change) {
    public FileType type() {
        return FileType.ofMode(mode);
    }

    /**
     * What tells one content of the file from another: block names carry it. Derived from size, mtime and ctime, which every store's
     * attributes have and which chmod also moves: a needless miss, never a stale hit.
     */
    public long version() {
        long h = mtime * 0x9E3779B97F4A7C15L
                ^ Long.rotateLeft(ctime * 0xC2B2AE3D27D4EB4FL, 31)
                ^ size * 0x165667B19E3779F9L;
        h ^= change * 0xD6E8FEB86659FD93L;
        h ^= h >>> 32;
        h *= 0x9FB21C651E98DF25L;
        return h ^ h >>> 28;
    }
}
