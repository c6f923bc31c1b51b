package io.efc.fuse;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** A node of {@link MemoryFileSystem}, guarded by the file system's lock. */
final class MemoryNode {
    static final int TYPE_MASK = 0xf000;
    static final int DIRECTORY = 0x4000;
    static final int REGULAR = 0x8000;
    static final int SYMLINK = 0xa000;

    private static final long FIRST_CAPACITY = 4096;

    final long id;
    final Map<String, Long> children = new LinkedHashMap<>();
    final Map<String, Long> cookies = new ConcurrentHashMap<>();
    final TreeMap<Long, String> byCookie = new TreeMap<>();
    final Map<String, byte[]> xattrs = new TreeMap<>();
    final MemoryLocks locks = new MemoryLocks();
    int mode;
    int uid;
    int gid;
    int rdev;
    int nlink = 1;
    long atime;
    long mtime;
    long ctime;
    final long btime;
    long nlookup;
    int opens;
    long parent;
    long size;
    byte[] target = {};
    private long nextCookie = 3;
    private MemorySegment data = MemorySegment.NULL;

    MemoryNode(long id, int mode, int uid, int gid, long now) {
        this.id = id;
        this.mode = mode;
        this.uid = uid;
        this.gid = gid;
        this.atime = now;
        this.mtime = now;
        this.ctime = now;
        this.btime = now;
        if (isDirectory()) {
            nlink = 2;
        }
    }

    boolean isDirectory() {
        return (mode & TYPE_MASK) == DIRECTORY;
    }

    boolean isRegular() {
        return (mode & TYPE_MASK) == REGULAR;
    }

    boolean isSymlink() {
        return (mode & TYPE_MASK) == SYMLINK;
    }

    void put(String name, long child) {
        if (children.put(name, child) == null) {
            cookies.put(name, nextCookie);
            byCookie.put(nextCookie++, name);
        }
    }

    void removeChild(String name) {
        children.remove(name);
        Long cookie = cookies.remove(name);
        if (cookie != null) {
            byCookie.remove(cookie);
        }
    }

    MemorySegment data() {
        return data;
    }

    void resize(long newSize) {
        if (newSize < size) {
            data.asSlice(newSize, Math.min(size, data.byteSize()) - newSize).fill((byte) 0);
        } else if (newSize > data.byteSize()) {
            MemorySegment bigger =
                    Arena.ofAuto().allocate(Math.max(FIRST_CAPACITY, Math.max(newSize, data.byteSize() * 2)), 8);
            MemorySegment.copy(data, 0, bigger, 0, size);
            data = bigger;
        }
        size = newSize;
    }

    void fillAttr(FuseAttr a) {
        a.ino(id)
                .size(isSymlink() ? target.length : size)
                .blocks((size + 511) / 512)
                .atime(atime)
                .mtime(mtime)
                .ctime(ctime)
                .mode(mode)
                .nlink(nlink)
                .uid(uid)
                .gid(gid)
                .rdev(rdev)
                .blksize(4096);
    }
}
