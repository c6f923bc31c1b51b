package io.efc.fuse;

import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A complete file system in memory, to serve in tests. One lock guards the tree; lock waits are outside it. Names are compared as
 * Latin-1 strings, hence as bytes.
 */
public class MemoryFileSystem implements FuseFileSystem {
    static final long VALID = 1_000_000_000L;

    private static final int SETGID = 0x400;
    private static final Set<FuseOpcode> OPERATIONS = EnumSet.complementOf(EnumSet.of(
            FuseOpcode.BMAP,
            FuseOpcode.IOCTL,
            FuseOpcode.POLL,
            FuseOpcode.NOTIFY_REPLY,
            FuseOpcode.SETUPMAPPING,
            FuseOpcode.REMOVEMAPPING));

    final Map<Long, MemoryNode> nodes = new ConcurrentHashMap<>();
    public final AtomicInteger starts = new AtomicInteger();
    public final AtomicInteger stops = new AtomicInteger();
    final AtomicLong forgotten = new AtomicLong();
    public volatile long lastUnique;
    public volatile boolean lastResent;
    volatile @Nullable FuseNotifier notifier;
    volatile @Nullable FuseNegotiated negotiated;

    private final AtomicLong nextId = new AtomicLong(ROOT + 1);

    public MemoryFileSystem() {
        nodes.put(ROOT, new MemoryNode(ROOT, MemoryNode.DIRECTORY | 0777, 0, 0, now()));
        node(ROOT).parent = ROOT;
    }

    static long now() {
        return System.currentTimeMillis() * 1_000_000L;
    }

    private static String text(FuseName name) {
        return new String(name.toBytes(), StandardCharsets.ISO_8859_1);
    }

    final MemoryNode node(long id) {
        return Objects.requireNonNull(nodes.get(id), () -> "node " + id);
    }

    @Override
    public Set<FuseOpcode> operations() {
        return OPERATIONS;
    }

    @Override
    public void start(FuseNegotiated settled, FuseNotifier toKernel) {
        negotiated = settled;
        notifier = toKernel;
        starts.incrementAndGet();
    }

    @Override
    public void stop() {
        stops.incrementAndGet();
    }

    private Errno entry(MemoryNode n, EntryReply reply) {
        n.nlookup++;
        fill(n, reply);
        return Errno.OK;
    }

    private static void fill(MemoryNode n, EntryReply reply) {
        reply.nodeId(n.id).generation(1).entryValidNanos(VALID).attrValidNanos(VALID);
        n.fillAttr(reply.attr());
    }

    @Override
    public synchronized Errno lookup(FuseRequest request, long parent, FuseName name, EntryReply reply) {
        lastUnique = request.unique();
        lastResent = request.resent();
        MemoryNode dir = nodes.get(parent);
        if (dir == null) {
            return Errno.ESTALE;
        }
        if (!dir.isDirectory()) {
            return Errno.ENOTDIR;
        }
        Long id = dir.children.get(text(name));
        return id == null ? Errno.ENOENT : entry(node(id), reply);
    }

    @Override
    public synchronized void forget(long nodeId, long nlookup) {
        MemoryNode n = nodes.get(nodeId);
        forgotten.addAndGet(nlookup);
        if (n != null) {
            n.nlookup -= nlookup;
            dropIfUnused(n);
        }
    }

    private void dropIfUnused(MemoryNode n) {
        if (n.id != ROOT && n.nlink == 0 && n.nlookup <= 0 && n.opens == 0) {
            nodes.remove(n.id);
        }
    }

    @Override
    public synchronized Errno getattr(FuseRequest request, long nodeId, long fh, AttrReply reply) {
        MemoryNode n = nodes.get(nodeId);
        if (n == null) {
            return Errno.ESTALE;
        }
        n.fillAttr(reply.validNanos(VALID).attr());
        return Errno.OK;
    }

    @Override
    public synchronized Errno setattr(FuseRequest request, long nodeId, SetattrArgs args, AttrReply reply) {
        MemoryNode n = nodes.get(nodeId);
        if (n == null) {
            return Errno.ESTALE;
        }
        long now = now();
        if (args.hasMode()) {
            n.mode = (n.mode & MemoryNode.TYPE_MASK) | (args.mode() & 07777);
        }
        if (args.killSuidGid()) {
            killSuidGid(n);
        }
        n.uid = args.hasUid() ? args.uid() : n.uid;
        n.gid = args.hasGid() ? args.gid() : n.gid;
        if (args.hasSize()) {
            if (args.size() < 0 || args.size() > Integer.MAX_VALUE) {
                return Errno.EFBIG;
            }
            n.resize(args.size());
            n.mtime = now;
        }
        if (args.hasAtime()) {
            n.atime = args.atimeNow() ? now : args.atime();
        }
        if (args.hasMtime()) {
            n.mtime = args.mtimeNow() ? now : args.mtime();
        }
        n.ctime = args.hasCtime() ? args.ctime() : now;
        n.fillAttr(reply.validNanos(VALID).attr());
        return Errno.OK;
    }

    private static void killSuidGid(MemoryNode n) {
        n.mode &= ~04000;
        if ((n.mode & 010) != 0) {
            n.mode &= ~SETGID;
        }
    }

    @Override
    public synchronized Errno readlink(FuseRequest request, long nodeId, DataReply reply) {
        MemoryNode n = node(nodeId);
        if (!n.isSymlink()) {
            return Errno.EINVAL;
        }
        MemorySegment.copy(
                n.target,
                0,
                reply.buffer(),
                java.lang.foreign.ValueLayout.JAVA_BYTE,
                reply.bufferOffset(),
                n.target.length);
        reply.length(n.target.length);
        return Errno.OK;
    }

    private @Nullable MemoryNode make(FuseRequest request, MemoryNode dir, String name, int mode) {
        if (dir.children.containsKey(name)) {
            return null;
        }
        MemoryNode n = fresh(request, dir, mode);
        n.parent = dir.id;
        dir.put(name, n.id);
        if (n.isDirectory()) {
            dir.nlink++;
        }
        touch(dir);
        return n;
    }

    private MemoryNode fresh(FuseRequest request, MemoryNode dir, int mode) {
        boolean inherit = (dir.mode & SETGID) != 0;
        int bits = inherit && (mode & MemoryNode.TYPE_MASK) == MemoryNode.DIRECTORY ? mode | SETGID : mode;
        MemoryNode n =
                new MemoryNode(nextId.getAndIncrement(), bits, request.uid(), inherit ? dir.gid : request.gid(), now());
        nodes.put(n.id, n);
        return n;
    }

    private static void touch(MemoryNode dir) {
        dir.mtime = now();
        dir.ctime = dir.mtime;
    }

    @Override
    public synchronized Errno symlink(
            FuseRequest request, long parent, FuseName name, FuseName target, EntryReply reply) {
        MemoryNode n = make(request, node(parent), text(name), MemoryNode.SYMLINK | 0777);
        if (n == null) {
            return Errno.EEXIST;
        }
        n.target = target.toBytes();
        return entry(n, reply);
    }

    @Override
    public synchronized Errno mknod(
            FuseRequest request, long parent, FuseName name, int mode, int rdev, int umask, EntryReply reply) {
        MemoryNode n = make(request, node(parent), text(name), mode);
        if (n == null) {
            return Errno.EEXIST;
        }
        n.rdev = rdev;
        return entry(n, reply);
    }

    @Override
    public synchronized Errno mkdir(
            FuseRequest request, long parent, FuseName name, int mode, int umask, EntryReply reply) {
        MemoryNode n = make(request, node(parent), text(name), MemoryNode.DIRECTORY | (mode & 07777));
        return n == null ? Errno.EEXIST : entry(n, reply);
    }

    @Override
    public synchronized Errno unlink(FuseRequest request, long parent, FuseName name) {
        MemoryNode dir = node(parent);
        Long id = dir.children.get(text(name));
        if (id == null) {
            return Errno.ENOENT;
        }
        if (node(id).isDirectory()) {
            return Errno.EISDIR;
        }
        remove(dir, text(name));
        return Errno.OK;
    }

    @Override
    public synchronized Errno rmdir(FuseRequest request, long parent, FuseName name) {
        MemoryNode dir = node(parent);
        Long id = dir.children.get(text(name));
        if (id == null) {
            return Errno.ENOENT;
        }
        MemoryNode n = node(id);
        if (!n.isDirectory()) {
            return Errno.ENOTDIR;
        }
        if (!n.children.isEmpty()) {
            return Errno.ENOTEMPTY;
        }
        remove(dir, text(name));
        return Errno.OK;
    }

    private void remove(MemoryNode dir, String name) {
        MemoryNode n = node(Objects.requireNonNull(dir.children.get(name)));
        dir.removeChild(name);
        if (n.isDirectory()) {
            n.nlink = 0;
            dir.nlink--;
        } else {
            n.nlink--;
        }
        n.ctime = now();
        touch(dir);
        dropIfUnused(n);
    }

    @Override
    public synchronized Errno rename(
            FuseRequest request, long parent, FuseName name, long newParent, FuseName newName, int flags) {
        MemoryNode from = node(parent);
        MemoryNode to = node(newParent);
        String oldText = text(name);
        String newText = text(newName);
        Long movedId = from.children.get(oldText);
        Long targetId = to.children.get(newText);
        if (movedId == null) {
            return Errno.ENOENT;
        }
        if ((flags & ~(FileCalls.RENAME_NOREPLACE | FileCalls.RENAME_EXCHANGE)) != 0) {
            return Errno.EINVAL;
        }
        if ((flags & FileCalls.RENAME_EXCHANGE) != 0) {
            if (targetId == null) {
                return Errno.ENOENT;
            }
            place(node(movedId), from, to, newText);
            place(node(targetId), to, from, oldText);
            return Errno.OK;
        }
        if (targetId != null) {
            if ((flags & FileCalls.RENAME_NOREPLACE) != 0) {
                return Errno.EEXIST;
            }
            if (targetId.equals(movedId)) {
                return Errno.OK;
            }
            Errno refused = mayReplace(node(movedId), node(targetId));
            if (!refused.isOk()) {
                return refused;
            }
            remove(to, newText);
        }
        from.removeChild(oldText);
        place(node(movedId), from, to, newText);
        return Errno.OK;
    }

    private static Errno mayReplace(MemoryNode moved, MemoryNode target) {
        if (target.isDirectory()) {
            return !moved.isDirectory() ? Errno.EISDIR : target.children.isEmpty() ? Errno.OK : Errno.ENOTEMPTY;
        }
        return moved.isDirectory() ? Errno.ENOTDIR : Errno.OK;
    }

    private static void place(MemoryNode n, MemoryNode from, MemoryNode to, String name) {
        to.put(name, n.id);
        if (n.isDirectory()) {
            from.nlink--;
            to.nlink++;
        }
        n.parent = to.id;
        n.ctime = now();
        touch(from);
        touch(to);
    }

    @Override
    public synchronized Errno link(
            FuseRequest request, long nodeId, long newParent, FuseName newName, EntryReply reply) {
        MemoryNode n = node(nodeId);
        MemoryNode dir = node(newParent);
        if (dir.children.containsKey(text(newName))) {
            return Errno.EEXIST;
        }
        dir.put(text(newName), n.id);
        n.nlink++;
        n.ctime = now();
        touch(dir);
        return entry(n, reply);
    }

    @Override
    public synchronized Errno open(FuseRequest request, long nodeId, int flags, boolean killSuidGid, OpenReply reply) {
        MemoryNode n = nodes.get(nodeId);
        if (n == null) {
            return Errno.ESTALE;
        }
        if ((flags & Libc.O_TRUNC) != 0) {
            n.resize(0);
            n.mtime = now();
            if (killSuidGid) {
                killSuidGid(n);
            }
        }
        n.opens++;
        reply.handle(nodeId);
        return Errno.OK;
    }

    @Override
    public synchronized Errno create(
            FuseRequest request, long parent, FuseName name, CreateArgs args, EntryReply entry, OpenReply open) {
        MemoryNode dir = node(parent);
        Long id = dir.children.get(text(name));
        MemoryNode n;
        if (id == null) {
            n = Objects.requireNonNull(make(request, dir, text(name), MemoryNode.REGULAR | (args.mode() & 07777)));
        } else if ((args.flags() & Libc.O_EXCL) != 0) {
            return Errno.EEXIST;
        } else {
            n = node(id);
        }
        Errno opened = open(request, n.id, args.flags(), args.killSuidGid(), open);
        return opened.isOk() ? entry(n, entry) : opened;
    }

    @Override
    public synchronized Errno tmpfile(
            FuseRequest request, long parent, CreateArgs args, EntryReply entry, OpenReply open) {
        MemoryNode n = fresh(request, node(parent), MemoryNode.REGULAR | (args.mode() & 07777));
        n.nlink = 0;
        Errno opened = open(request, n.id, 0, false, open);
        return opened.isOk() ? entry(n, entry) : opened;
    }

    @Override
    public synchronized Errno read(FuseRequest request, long nodeId, long fh, long offset, int size, DataReply reply) {
        MemoryNode n = node(nodeId);
        int count = (int) Math.max(0, Math.min(size, n.size - offset));
        MemorySegment.copy(n.data(), Math.min(offset, n.size), reply.buffer(), reply.bufferOffset(), count);
        reply.length(count);
        return Errno.OK;
    }

    @Override
    public synchronized Errno write(FuseRequest request, long nodeId, long fh, WriteArgs args, WriteReply reply) {
        MemoryNode n = node(nodeId);
        long offset = (args.flags() & Libc.O_APPEND) != 0 && !args.fromCache() ? n.size : args.offset();
        if (offset < 0 || offset + args.size() > Integer.MAX_VALUE) {
            return Errno.EFBIG;
        }
        n.resize(Math.max(n.size, offset + args.size()));
        MemorySegment.copy(request.data(), request.dataOffset(), n.data(), offset, args.size());
        if (args.killSuidGid()) {
            killSuidGid(n);
        }
        touch(n);
        reply.value(args.size());
        return Errno.OK;
    }

    @Override
    public Errno flush(FuseRequest request, long nodeId, long fh, long lockOwner) {
        return setLock(node(nodeId), new MemoryLocks.Lock(lockOwner, 0, Long.MAX_VALUE, 2, 0, false), false);
    }

    @Override
    public synchronized void release(
            FuseRequest request, long nodeId, long fh, int flags, long lockOwner, boolean unlockFlock) {
        MemoryNode n = node(nodeId);
        if (unlockFlock) {
            n.locks.set(new MemoryLocks.Lock(lockOwner, 0, Long.MAX_VALUE, 2, 0, true));
        }
        n.opens--;
        dropIfUnused(n);
    }

    @Override
    public Errno fsync(FuseRequest request, long nodeId, long fh, boolean dataOnly) {
        return Errno.OK;
    }

    @Override
    public synchronized Errno opendir(FuseRequest request, long nodeId, int flags, OpenReply reply) {
        MemoryNode n = nodes.get(nodeId);
        if (n == null || !n.isDirectory()) {
            return Errno.ENOTDIR;
        }
        n.opens++;
        reply.handle(nodeId);
        return Errno.OK;
    }

    @Override
    public synchronized Errno readdir(
            FuseRequest request, long nodeId, long fh, long cookie, boolean plus, DirReply reply) {
        MemoryNode dir = node(nodeId);
        if (cookie < 1 && !addEntry(dir, ".", 1, plus, reply)) {
            return Errno.OK;
        }
        if (cookie < 2 && !addEntry(node(dir.parent), "..", 2, plus, reply)) {
            return Errno.OK;
        }
        for (Map.Entry<Long, String> e :
                dir.byCookie.tailMap(Math.max(2, cookie), false).entrySet()) {
            MemoryNode n = node(Objects.requireNonNull(dir.children.get(e.getValue())));
            if (!addEntry(n, e.getValue(), e.getKey(), plus, reply)) {
                break;
            }
        }
        return Errno.OK;
    }

    private static boolean addEntry(MemoryNode n, String name, long cookie, boolean plus, DirReply reply) {
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        int type = n.mode >> 12 & 15;
        if (!plus) {
            return reply.add(bytes, n.id, type, cookie);
        }
        EntryReply entry = reply.addPlus(bytes, n.id, type, cookie);
        if (entry == null) {
            return false;
        }
        if (cookie > 2) {
            n.nlookup++;
            fill(n, entry);
        }
        return true;
    }

    @Override
    public synchronized void releasedir(FuseRequest request, long nodeId, long fh) {
        MemoryNode n = node(nodeId);
        n.opens--;
        dropIfUnused(n);
    }

    @Override
    public Errno fsyncdir(FuseRequest request, long nodeId, long fh, boolean dataOnly) {
        return Errno.OK;
    }

    @Override
    public Errno statfs(FuseRequest request, long nodeId, StatfsReply reply) {
        reply.set(1000, 500, 400, 100, 50, 4096);
        return Errno.OK;
    }

    @Override
    public synchronized Errno access(FuseRequest request, long nodeId, int mask) {
        return nodes.containsKey(nodeId) ? Errno.OK : Errno.ESTALE;
    }

    @Override
    public synchronized Errno setxattr(
            FuseRequest request, long nodeId, FuseName name, int size, int flags, boolean killSgid) {
        MemoryNode n = node(nodeId);
        boolean present = n.xattrs.containsKey(text(name));
        if (present && (flags & FileCalls.XATTR_CREATE) != 0) {
            return Errno.EEXIST;
        }
        if (!present && (flags & FileCalls.XATTR_REPLACE) != 0) {
            return Errno.ENODATA;
        }
        byte[] value =
                request.data().asSlice(request.dataOffset(), size).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        n.xattrs.put(text(name), value);
        n.ctime = now();
        return Errno.OK;
    }

    @Override
    public synchronized Errno getxattr(FuseRequest request, long nodeId, FuseName name, int size, XattrReply reply) {
        byte[] value = node(nodeId).xattrs.get(text(name));
        return value == null ? Errno.ENODATA : xattr(value, size, reply);
    }

    private static Errno xattr(byte[] value, int size, XattrReply reply) {
        if (size == 0) {
            reply.size(value.length);
        } else if (value.length > size) {
            return Errno.ERANGE;
        } else {
            reply.value(value);
        }
        return Errno.OK;
    }

    @Override
    public synchronized Errno listxattr(FuseRequest request, long nodeId, int size, XattrReply reply) {
        StringBuilder names = new StringBuilder();
        for (String name : node(nodeId).xattrs.keySet()) {
            names.append(name).append('\0');
        }
        return xattr(names.toString().getBytes(StandardCharsets.ISO_8859_1), size, reply);
    }

    @Override
    public synchronized Errno removexattr(FuseRequest request, long nodeId, FuseName name) {
        return node(nodeId).xattrs.remove(text(name)) == null ? Errno.ENODATA : Errno.OK;
    }

    private static MemoryLocks.Lock lock(LockArgs args) {
        return new MemoryLocks.Lock(args.owner(), args.start(), args.end(), args.type(), args.pid(), args.flock());
    }

    @Override
    public Errno getlk(FuseRequest request, long nodeId, long fh, LockArgs args, LockReply reply) {
        node(nodeId)
                .locks
                .conflict(lock(args))
                .ifPresentOrElse(l -> reply.conflict(l.type(), l.start(), l.end(), l.pid()), reply::unlocked);
        return Errno.OK;
    }

    @Override
    public Errno setlk(FuseRequest request, long nodeId, long fh, LockArgs args, boolean wait) {
        return setLock(node(nodeId), lock(args), wait);
    }

    private static Errno setLock(MemoryNode n, MemoryLocks.Lock lock, boolean wait) {
        if (!wait) {
            return n.locks.set(lock) ? Errno.OK : Errno.EAGAIN;
        }
        try {
            n.locks.await(lock);
            return Errno.OK;
        } catch (InterruptedException e) {
            return Errno.EINTR;
        }
    }

    @Override
    public synchronized Errno fallocate(FuseRequest request, long nodeId, long fh, long offset, long length, int mode) {
        MemoryNode n = node(nodeId);
        if (offset + length > Integer.MAX_VALUE) {
            return Errno.EFBIG;
        }
        if ((mode & (Libc.FALLOC_FL_PUNCH_HOLE | Libc.FALLOC_FL_ZERO_RANGE)) != 0) {
            long end = Math.min(n.size, offset + length);
            if (offset < end) {
                n.data().asSlice(offset, end - offset).fill((byte) 0);
            }
        }
        if ((mode & Libc.FALLOC_FL_KEEP_SIZE) == 0) {
            n.resize(Math.max(n.size, offset + length));
        }
        touch(n);
        return Errno.OK;
    }

    @Override
    public synchronized Errno lseek(
            FuseRequest request, long nodeId, long fh, long offset, int whence, WriteReply reply) {
        MemoryNode n = node(nodeId);
        if (offset >= n.size) {
            return Errno.ENXIO;
        }
        reply.value(whence == Libc.SEEK_DATA ? offset : n.size);
        return Errno.OK;
    }

    @Override
    public synchronized Errno copyFileRange(FuseRequest request, CopyArgs args, WriteReply reply) {
        MemoryNode from = node(args.nodeIdIn());
        MemoryNode to = node(args.nodeIdOut());
        long count = Math.max(0, Math.min(args.length(), from.size - args.offsetIn()));
        if (args.offsetOut() + count > Integer.MAX_VALUE) {
            return Errno.EFBIG;
        }
        to.resize(Math.max(to.size, args.offsetOut() + count));
        MemorySegment.copy(from.data(), args.offsetIn(), to.data(), args.offsetOut(), count);
        touch(to);
        reply.value(count);
        return Errno.OK;
    }

    @Override
    public Errno syncfs(FuseRequest request, long nodeId) {
        return Errno.OK;
    }

    @Override
    public synchronized Errno statx(FuseRequest request, long nodeId, long fh, int flags, int mask, StatxReply reply) {
        MemoryNode n = node(nodeId);
        n.fillAttr(reply.validNanos(VALID).attr());
        reply.btime(n.btime);
        return Errno.OK;
    }

    /** The sum of what was forgotten. */
    public long forgotten() {
        return forgotten.get();
    }

    public synchronized byte[] xattr(long id, String name) {
        return Objects.requireNonNull(node(id).xattrs.get(name));
    }

    /** Waits until a lock request is blocked. */
    public void awaitLockWaiter(long id) throws InterruptedException {
        node(id).locks.awaitWaiter();
    }

    /** Adds a regular file without the kernel. */
    public synchronized long addFile(String name, byte[] content) {
        MemoryNode n = new MemoryNode(nextId.getAndIncrement(), MemoryNode.REGULAR | 0644, 0, 0, now());
        nodes.put(n.id, n);
        n.parent = ROOT;
        node(ROOT).put(name, n.id);
        n.resize(content.length);
        MemorySegment.copy(MemorySegment.ofArray(content), 0, n.data(), 0, content.length);
        return n.id;
    }

    /** A node's bytes. */
    synchronized byte[] content(long id) {
        MemoryNode n = node(id);
        return Arrays.copyOf(
                n.data().asSlice(0, n.size).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE), (int) n.size);
    }
}
