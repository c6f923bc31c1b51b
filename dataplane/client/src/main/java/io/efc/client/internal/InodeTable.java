package io.efc.client.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.efc.base.Check;
import io.efc.base.Errno;
import io.efc.fuse.FuseAttr;
import io.efc.fuse.FuseFileSystem;
import io.efc.store.FileHandle;
import io.efc.store.StoreAttr;
import io.efc.store.StoreException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.StampedLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Every inode that the kernel knows, off-heap and in a mapped file: a node id is a slot number, and a successor that opens the file finds
 * the same ids, generations, handles and nlookup counts.
 *
 * <pre>
 * record of 224 bytes:
 *   0 state u32 | 4 mount u16 | 6 handle length u16 | 8 generation u64 | 16 nlookup u64 (next free slot while free)
 *  24 hash u64 | 32 parent u64 | 40 pins u32 | 44 flags u32 | 48 fetched at i64 | 56 floor i64
 *  64 file id | 72 size | 80 blocks | 88 atime | 96 mtime | 104 ctime | 112 version | 120 mode u32 | 124 nlink u32
 * 128 uid u32 | 132 gid u32 | 136 rdev u32 | 140 tail slot u32 | 144 page version u64 | 152 fsid u64 | 160 handle, first 64 bytes
 * </pre>
 *
 * The rest of a longer handle is in a second slab.
 *
 * <p>Locks, in this order: a partition of the index (identity, nlookup, pins), then a stripe (attributes, flags). Neither is held over a
 * call to the store. An attribute answer is kept only if it was asked for after the last change by this client (the floor) and after the
 * one that is kept: answers that overtake each other cannot bring old attributes back.
 */
final class InodeTable implements AutoCloseable {
    /** The attributes are known. */
    static final int KNOWN = 1;

    /** It is open: {@link OpenFiles} has more to say about it. */
    static final int OPEN = 1 << 1;

    /** Its last name was taken while open and it lives under a hidden name: one link fewer is shown. */
    static final int SILLY = 1 << 2;

    /** It has no security.capability, as of the kept attributes. */
    static final int NO_CAPABILITY = 1 << 3;

    /** It has no POSIX access ACL, as of the kept attributes. */
    static final int NO_ACCESS_ACL = 1 << 4;

    /** It has no POSIX default ACL, as of the kept attributes. */
    static final int NO_DEFAULT_ACL = 1 << 5;

    /** The page version says what the kernel's pages hold. */
    static final int PAGES_KNOWN = 1 << 6;

    /** This client removed its last name: it lives only for those who have it open. */
    static final int GONE = 1 << 7;

    private static final int ABSENT_XATTRS = NO_CAPABILITY | NO_ACCESS_ACL | NO_DEFAULT_ACL;
    private static final int RECORD_BYTES = 224;
    private static final int INLINE_BYTES = 64;
    private static final int TAIL_BYTES = 24 + FileHandle.BYTES_MAX - INLINE_BYTES;
    private static final int TAIL_DATA = 24;
    private static final int PARTITIONS = 64;
    private static final int STRIPES = 1024;
    private static final int LIVE = 1;

    private static final int MOUNT = 4;
    private static final int HANDLE_LENGTH = 6;
    private static final int GENERATION = 8;
    private static final int NLOOKUP = 16;
    private static final int HASH = 24;
    private static final int PARENT = 32;
    private static final int PINS = 40;
    private static final int FLAGS = 44;
    private static final int FETCHED_AT = 48;
    private static final int FLOOR = 56;

    /** A floor that no answer reaches. */
    private static final long UNSETTLED = Long.MAX_VALUE;

    private static final int FILE_ID = 64;
    private static final int SIZE = 72;
    private static final int BLOCKS = 80;
    private static final int ATIME = 88;
    private static final int MTIME = 96;
    private static final int CTIME = 104;
    private static final int VERSION = 112;
    private static final int MODE = 120;
    private static final int NLINK = 124;
    private static final int UID = 128;
    private static final int GID = 132;
    private static final int RDEV = 136;
    private static final int TAIL = 140;
    private static final int PAGE_VERSION = 144;
    private static final int FSID = 152;
    private static final int HANDLE = 160;

    private final Slab records;
    private final Slab tails;
    private final MemorySegment memory;
    private final InodeIndex[] index = new InodeIndex[PARTITIONS];
    private final StampedLock[] stripes = new StampedLock[STRIPES];
    private final InodeIndex.Match match = this::isHandle;

    private InodeTable(Slab records, Slab tails) {
        this.records = records;
        this.tails = tails;
        this.memory = records.memory();
        for (int i = 0; i < PARTITIONS; i++) {
            index[i] = new InodeIndex(slot -> memory.get(JAVA_LONG, records.offset(slot) + HASH));
        }
        for (int i = 0; i < STRIPES; i++) {
            stripes[i] = new StampedLock();
        }
    }

    /**
     * Opens the table in {@code directory}, or makes it. Attributes of a former process are known but not fresh, and nothing is open.
     *
     * @param inodesMax how many inodes it may hold, below 2^31
     */
    static InodeTable open(Path directory, long inodesMax) {
        Check.argument(inodesMax >= 1 && inodesMax < Integer.MAX_VALUE, "a table cannot hold %d inodes", inodesMax);
        Slab records = Slab.open(directory.resolve("inodes"), RECORD_BYTES, inodesMax);
        Slab tails;
        try {
            tails = Slab.open(directory.resolve("handles"), TAIL_BYTES, inodesMax);
        } catch (RuntimeException e) {
            records.close();
            throw e;
        }
        InodeTable table = new InodeTable(records, tails);
        for (long id = 1; id <= records.used(); id++) {
            long at = records.offset(id);
            if (table.memory.get(JAVA_INT, at) == LIVE) {
                table.memory.set(JAVA_INT, at + PINS, 0);
                table.memory.set(JAVA_INT, at + FLAGS, table.memory.get(JAVA_INT, at + FLAGS) & ~OPEN);
                table.memory.set(JAVA_LONG, at + FETCHED_AT, Freshness.UNKNOWN);
                table.memory.set(JAVA_LONG, at + FLOOR, Freshness.UNKNOWN);
                long hash = table.memory.get(JAVA_LONG, at + HASH);
                table.partition(hash).add(hash, (int) id);
            }
        }
        return table;
    }

    /** Makes the root's inode, or checks that the one in the file is the same. */
    void root(int mount, FileHandle handle, long fileId) {
        if (records.used() == 0) {
            long id = intern(mount, handle, fileId, FuseFileSystem.ROOT, 1);
            Check.state(id == FuseFileSystem.ROOT, "the root is node %d", id);
        } else if (find(mount, handle) != FuseFileSystem.ROOT) {
            throw new StoreException(Errno.EINVAL, "the inode table belongs to another data set");
        }
    }

    /**
     * The node id of a file, made if it has none, with {@code lookups} more references.
     *
     * @param fileId the store's number of it
     * @param parent a directory that has it, for {@code ..}
     */
    long intern(int mount, FileHandle handle, long fileId, long parent, long lookups) {
        byte[] bytes = handle.bytes();
        long hash = Hash.of(bytes, mount);
        InodeIndex p = partition(hash);
        long stamp = p.lock.writeLock();
        try {
            int slot = p.find(hash, mount, bytes, match);
            if (slot == 0) {
                slot = fresh(mount, bytes, hash);
                memory.set(JAVA_LONG, records.offset(slot) + FILE_ID, fileId);
                p.add(hash, slot);
            }
            long at = records.offset(slot);
            memory.set(JAVA_LONG, at + NLOOKUP, memory.get(JAVA_LONG, at + NLOOKUP) + lookups);
            memory.set(JAVA_LONG, at + PARENT, parent);
            return slot;
        } finally {
            p.lock.unlockWrite(stamp);
        }
    }

    private int fresh(int mount, byte[] handle, long hash) {
        long tail = handle.length > INLINE_BYTES ? tails.take() : 0;
        long slot;
        try {
            slot = records.take();
        } catch (StoreException e) {
            if (tail != 0) {
                tails.give(tail);
            }
            throw e;
        }
        long at = records.offset(slot);
        long generation = memory.get(JAVA_LONG, at + GENERATION);
        memory.asSlice(at + NLOOKUP, RECORD_BYTES - NLOOKUP).fill((byte) 0);
        memory.set(JAVA_SHORT, at + MOUNT, (short) mount);
        memory.set(JAVA_SHORT, at + HANDLE_LENGTH, (short) handle.length);
        memory.set(JAVA_LONG, at + GENERATION, generation + 1);
        memory.set(JAVA_LONG, at + HASH, hash);
        memory.set(JAVA_LONG, at + FETCHED_AT, Freshness.UNKNOWN);
        memory.set(JAVA_LONG, at + FLOOR, Freshness.UNKNOWN);
        memory.set(JAVA_INT, at + TAIL, (int) tail);
        MemorySegment.copy(handle, 0, memory, JAVA_BYTE, at + HANDLE, Math.min(handle.length, INLINE_BYTES));
        if (tail != 0) {
            long to = tails.offset(tail);
            MemorySegment.copy(
                    handle, INLINE_BYTES, tails.memory(), JAVA_BYTE, to + TAIL_DATA, handle.length - INLINE_BYTES);
            tails.memory().set(JAVA_INT, to, LIVE);
        }
        memory.set(JAVA_INT, at, LIVE);
        return (int) slot;
    }

    /** The node id of a file that is known, else 0. */
    long find(int mount, FileHandle handle) {
        byte[] bytes = handle.bytes();
        long hash = Hash.of(bytes, mount);
        InodeIndex p = partition(hash);
        long stamp = p.lock.readLock();
        try {
            return p.find(hash, mount, bytes, match);
        } finally {
            p.lock.unlockRead(stamp);
        }
    }

    /** Adds one lookup if {@code nodeId} still is what it was at {@code generation}. */
    boolean acquire(long nodeId, long generation) {
        if (!records.covers(nodeId)) {
            return false;
        }
        long at = records.offset(nodeId);
        InodeIndex p = partition(memory.get(JAVA_LONG, at + HASH));
        long stamp = p.lock.writeLock();
        try {
            boolean same = memory.get(JAVA_INT, at) == LIVE
                    && memory.get(JAVA_LONG, at + GENERATION) == generation
                    && partition(memory.get(JAVA_LONG, at + HASH)) == p;
            if (same) {
                memory.set(JAVA_LONG, at + NLOOKUP, memory.get(JAVA_LONG, at + NLOOKUP) + 1);
            }
            return same;
        } finally {
            p.lock.unlockWrite(stamp);
        }
    }

    /** Drops {@code lookups} references; an inode without any is gone. */
    void forget(long nodeId, long lookups) {
        if (nodeId != FuseFileSystem.ROOT) {
            drop(nodeId, lookups, 0);
        }
    }

    /** Keeps the inode while something uses it, whatever the kernel forgets. */
    void pin(long nodeId) {
        long at = at(nodeId);
        InodeIndex p = partition(memory.get(JAVA_LONG, at + HASH));
        long stamp = p.lock.writeLock();
        try {
            memory.set(JAVA_INT, at + PINS, memory.get(JAVA_INT, at + PINS) + 1);
        } finally {
            p.lock.unlockWrite(stamp);
        }
    }

    void unpin(long nodeId) {
        drop(nodeId, 0, 1);
    }

    private void drop(long nodeId, long lookups, int pins) {
        long at = at(nodeId);
        long hash = memory.get(JAVA_LONG, at + HASH);
        InodeIndex p = partition(hash);
        long stamp = p.lock.writeLock();
        try {
            long left = memory.get(JAVA_LONG, at + NLOOKUP) - lookups;
            int pinned = memory.get(JAVA_INT, at + PINS) - pins;
            Check.state(left >= 0 && pinned >= 0, "node %d has %d lookups too few", nodeId, -left);
            memory.set(JAVA_LONG, at + NLOOKUP, left);
            memory.set(JAVA_INT, at + PINS, pinned);
            if (left == 0 && pinned == 0) {
                p.remove(hash, (int) nodeId);
                release(nodeId, at);
            }
        } finally {
            p.lock.unlockWrite(stamp);
        }
    }

    private void release(long nodeId, long at) {
        int tail = memory.get(JAVA_INT, at + TAIL);
        memory.set(JAVA_INT, at, 0);
        if (tail != 0) {
            tails.memory().set(JAVA_INT, tails.offset(tail), 0);
            tails.give(tail);
        }
        records.give(nodeId);
    }

    private boolean isHandle(int slot, int mount, byte[] handle) {
        long at = records.offset(slot);
        if ((memory.get(JAVA_SHORT, at + MOUNT) & 0xffff) != mount
                || (memory.get(JAVA_SHORT, at + HANDLE_LENGTH) & 0xffff) != handle.length) {
            return false;
        }
        int inline = Math.min(handle.length, INLINE_BYTES);
        for (int i = 0; i < inline; i++) {
            if (memory.get(JAVA_BYTE, at + HANDLE + i) != handle[i]) {
                return false;
            }
        }
        if (inline < handle.length) {
            long tail = tails.offset(memory.get(JAVA_INT, at + TAIL)) + TAIL_DATA;
            for (int i = inline; i < handle.length; i++) {
                if (tails.memory().get(JAVA_BYTE, tail + i - inline) != handle[i]) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The store's handle of the file; ESTALE if there is no such inode. */
    FileHandle handle(long nodeId) {
        long at = at(nodeId);
        byte[] bytes = new byte[memory.get(JAVA_SHORT, at + HANDLE_LENGTH) & 0xffff];
        int inline = Math.min(bytes.length, INLINE_BYTES);
        MemorySegment.copy(memory, JAVA_BYTE, at + HANDLE, bytes, 0, inline);
        if (inline < bytes.length) {
            long tail = tails.offset(memory.get(JAVA_INT, at + TAIL)) + TAIL_DATA;
            MemorySegment.copy(tails.memory(), JAVA_BYTE, tail, bytes, inline, bytes.length - inline);
        }
        return new FileHandle(bytes);
    }

    /** The hash of the file's mount and handle: the same in every client. */
    long hash(long nodeId) {
        return memory.get(JAVA_LONG, at(nodeId) + HASH);
    }

    /** The store's number of the file. */
    long fileId(long nodeId) {
        return memory.get(JAVA_LONG, at(nodeId) + FILE_ID);
    }

    /** The nodes with this {@link #hash}: one, or none that the kernel knows; two files' hashes are hardly ever the same. */
    List<Long> nodesOf(long hash) {
        List<Long> found = new ArrayList<>(1);
        InodeIndex p = partition(hash);
        long stamp = p.lock.readLock();
        try {
            p.findAll(hash, found);
        } finally {
            p.lock.unlockRead(stamp);
        }
        return found;
    }

    /** Shows all nodes there are, in the order of their numbers; one that comes or goes meanwhile may be missed. */
    void forEach(LongConsumer action) {
        for (long id = 1; id <= records.used(); id++) {
            if (memory.get(JAVA_INT, records.offset(id)) == LIVE) {
                action.accept(id);
            }
        }
    }

    int mount(long nodeId) {
        return memory.get(JAVA_SHORT, at(nodeId) + MOUNT) & 0xffff;
    }

    long generation(long nodeId) {
        return memory.get(JAVA_LONG, at(nodeId) + GENERATION);
    }

    /** Names the inode in what outlives it: a node id is given to another inode when the kernel has forgotten the first, this is not. */
    long identity(long nodeId) {
        return (generation(nodeId) << (Integer.SIZE - 1)) | nodeId;
    }

    /** The inode number that is shown. */
    long number(long nodeId) {
        long at = at(nodeId);
        return Inodes.number(memory.get(JAVA_SHORT, at + MOUNT) & 0xffff, memory.get(JAVA_LONG, at + FILE_ID));
    }

    long nlookup(long nodeId) {
        return memory.get(JAVA_LONG, at(nodeId) + NLOOKUP);
    }

    long parent(long nodeId) {
        return memory.get(JAVA_LONG, at(nodeId) + PARENT);
    }

    /** The file was moved into {@code parent}. */
    void parent(long nodeId, long parent) {
        long at = at(nodeId);
        InodeIndex p = partition(memory.get(JAVA_LONG, at + HASH));
        long stamp = p.lock.writeLock();
        try {
            memory.set(JAVA_LONG, at + PARENT, parent);
        } finally {
            p.lock.unlockWrite(stamp);
        }
    }

    /** True if {@code nodeId} stands for a file. */
    boolean isLive(long nodeId) {
        return records.covers(nodeId) && memory.get(JAVA_INT, records.offset(nodeId)) == LIVE;
    }

    /** How many inodes are known. */
    long count() {
        return records.live();
    }

    /** Bytes of the files behind it. */
    long bytes() {
        return records.bytes() + tails.bytes();
    }

    /**
     * Keeps {@code attr} unless something newer is kept or this client changed the file since {@code askedAt}.
     *
     * @return whether it is kept
     */
    boolean apply(long nodeId, StoreAttr attr, long askedAt) {
        long at = at(nodeId);
        StampedLock stripe = stripe(nodeId);
        long stamp = stripe.writeLock();
        try {
            return keep(at, attr, askedAt);
        } finally {
            stripe.unlockWrite(stamp);
        }
    }

    private boolean keep(long at, StoreAttr attr, long askedAt) {
        long floor = memory.get(JAVA_LONG, at + FLOOR);
        long fetchedAt = memory.get(JAVA_LONG, at + FETCHED_AT);
        if (floor == UNSETTLED
                || (floor != Freshness.UNKNOWN && askedAt - floor < 0)
                || (fetchedAt != Freshness.UNKNOWN && askedAt - fetchedAt < 0)) {
            return false;
        }
        int flags = memory.get(JAVA_INT, at + FLAGS);
        if (memory.get(JAVA_LONG, at + CTIME) != attr.ctime()) {
            flags &= ~ABSENT_XATTRS;
        }
        memory.set(JAVA_INT, at + FLAGS, flags | KNOWN);
        memory.set(JAVA_LONG, at + FETCHED_AT, askedAt);
        put(at, attr);
        return true;
    }

    private void put(long at, StoreAttr attr) {
        memory.set(JAVA_LONG, at + FILE_ID, attr.fileId());
        memory.set(JAVA_LONG, at + FSID, attr.fsid());
        memory.set(JAVA_LONG, at + SIZE, attr.size());
        memory.set(JAVA_LONG, at + BLOCKS, attr.blocks());
        memory.set(JAVA_LONG, at + ATIME, attr.atime());
        memory.set(JAVA_LONG, at + MTIME, attr.mtime());
        memory.set(JAVA_LONG, at + CTIME, attr.ctime());
        memory.set(JAVA_LONG, at + VERSION, attr.version());
        memory.set(JAVA_INT, at + MODE, attr.mode());
        memory.set(JAVA_INT, at + NLINK, attr.nlink());
        memory.set(JAVA_INT, at + UID, attr.uid());
        memory.set(JAVA_INT, at + GID, attr.gid());
        memory.set(JAVA_INT, at + RDEV, (int) attr.rdev());
    }

    /** This client changes the file at {@code now}: what is kept is no longer fresh, and answers to older questions are not kept. */
    void changed(long nodeId, long now) {
        changed(nodeId, now, null, now);
    }

    /**
     * This client changed the file by a request of {@code askedAt} that is answered at {@code now}, and the answer says what the file is like since. It is
     * kept unless another change was answered meanwhile: which of the two the store carried out last is not known.
     *
     * @param attr null if the answer does not say
     */
    void changed(long nodeId, long now, @Nullable StoreAttr attr, long askedAt) {
        long at = at(nodeId);
        StampedLock stripe = stripe(nodeId);
        long stamp = stripe.writeLock();
        try {
            if (attr == null || !keep(at, attr, askedAt)) {
                memory.set(JAVA_LONG, at + FETCHED_AT, Freshness.UNKNOWN);
            }
            if (memory.get(JAVA_LONG, at + FLOOR) != UNSETTLED) {
                memory.set(JAVA_LONG, at + FLOOR, now);
            }
        } finally {
            stripe.unlockWrite(stamp);
        }
    }

    /**
     * Bytes of the file were acknowledged and are not with the store: nothing that it says of the file is kept until {@link #settled}. A kernel
     * that was told a size that leaves them out would cut the file.
     */
    void unsettled(long nodeId) {
        floor(nodeId, UNSETTLED);
    }

    /** All bytes are with the store since {@code now}. */
    void settled(long nodeId, long now) {
        floor(nodeId, now);
    }

    private void floor(long nodeId, long floor) {
        long at = at(nodeId);
        StampedLock stripe = stripe(nodeId);
        long stamp = stripe.writeLock();
        try {
            memory.set(JAVA_LONG, at + FETCHED_AT, Freshness.UNKNOWN);
            memory.set(JAVA_LONG, at + FLOOR, floor);
        } finally {
            stripe.unlockWrite(stamp);
        }
    }

    /**
     * Writes the kept attributes to {@code reply}.
     *
     * @return when they were asked for, or {@link Freshness#UNKNOWN} if there are none that may be believed
     */
    long fill(long nodeId, FuseAttr reply) {
        long at = at(nodeId);
        StampedLock stripe = stripe(nodeId);
        long stamp = stripe.tryOptimisticRead();
        if (stamp != 0) {
            long fetchedAt = copy(at, reply);
            if (stripe.validate(stamp)) {
                return fetchedAt;
            }
        }
        stamp = stripe.readLock();
        try {
            return copy(at, reply);
        } finally {
            stripe.unlockRead(stamp);
        }
    }

    private long copy(long at, FuseAttr to) {
        int flags = memory.get(JAVA_INT, at + FLAGS);
        int nlink = memory.get(JAVA_INT, at + NLINK);
        to.ino(Inodes.number(memory.get(JAVA_SHORT, at + MOUNT) & 0xffff, memory.get(JAVA_LONG, at + FILE_ID)))
                .size(memory.get(JAVA_LONG, at + SIZE))
                .blocks(memory.get(JAVA_LONG, at + BLOCKS))
                .atime(memory.get(JAVA_LONG, at + ATIME))
                .mtime(memory.get(JAVA_LONG, at + MTIME))
                .ctime(memory.get(JAVA_LONG, at + CTIME))
                .mode(memory.get(JAVA_INT, at + MODE))
                .nlink((flags & GONE) != 0 ? 0 : (flags & SILLY) != 0 ? Math.max(0, nlink - 1) : nlink)
                .uid(memory.get(JAVA_INT, at + UID))
                .gid(memory.get(JAVA_INT, at + GID))
                .rdev(memory.get(JAVA_INT, at + RDEV))
                .blksize(Inodes.BLOCK_BYTES);
        return (flags & KNOWN) == 0 ? Freshness.UNKNOWN : memory.get(JAVA_LONG, at + FETCHED_AT);
    }

    /** How many of the names that the store counts nobody sees. */
    int namesTaken(long nodeId) {
        int flags = memory.get(JAVA_INT, at(nodeId) + FLAGS);
        return (flags & GONE) != 0 ? Integer.MAX_VALUE : (flags & SILLY) != 0 ? 1 : 0;
    }

    /** When the kept attributes were asked for, or {@link Freshness#UNKNOWN}. */
    long fetchedAt(long nodeId) {
        return memory.get(JAVA_LONG, at(nodeId) + FETCHED_AT);
    }

    /** The kept size; 0 if never known. */
    long size(long nodeId) {
        return memory.get(JAVA_LONG, at(nodeId) + SIZE);
    }

    /** The kept mode; 0 if never known. */
    int mode(long nodeId) {
        return memory.get(JAVA_INT, at(nodeId) + MODE);
    }

    /** The kept version ({@link StoreAttr#version}). */
    long version(long nodeId) {
        return memory.get(JAVA_LONG, at(nodeId) + VERSION);
    }

    /** True if the kept attributes are of this version and size, seen together. */
    boolean isContent(long nodeId, long version, long size) {
        long at = at(nodeId);
        StampedLock stripe = stripe(nodeId);
        long stamp = stripe.tryOptimisticRead();
        if (stamp != 0) {
            boolean same = memory.get(JAVA_LONG, at + VERSION) == version && memory.get(JAVA_LONG, at + SIZE) == size;
            if (stripe.validate(stamp)) {
                return same;
            }
        }
        stamp = stripe.readLock();
        try {
            return memory.get(JAVA_LONG, at + VERSION) == version && memory.get(JAVA_LONG, at + SIZE) == size;
        } finally {
            stripe.unlockRead(stamp);
        }
    }

    boolean has(long nodeId, int flag) {
        return (memory.get(JAVA_INT, at(nodeId) + FLAGS) & flag) != 0;
    }

    void set(long nodeId, int flag, boolean on) {
        long at = at(nodeId);
        StampedLock stripe = stripe(nodeId);
        long stamp = stripe.writeLock();
        try {
            int flags = memory.get(JAVA_INT, at + FLAGS);
            memory.set(JAVA_INT, at + FLAGS, on ? flags | flag : flags & ~flag);
        } finally {
            stripe.unlockWrite(stamp);
        }
    }

    /** True if the kernel's pages hold {@code version}. */
    boolean pagesHold(long nodeId, long version) {
        long at = at(nodeId);
        return (memory.get(JAVA_INT, at + FLAGS) & PAGES_KNOWN) != 0
                && memory.get(JAVA_LONG, at + PAGE_VERSION) == version;
    }

    /** The kernel's pages hold {@code version} from now on. */
    void pages(long nodeId, long version) {
        long at = at(nodeId);
        StampedLock stripe = stripe(nodeId);
        long stamp = stripe.writeLock();
        try {
            memory.set(JAVA_LONG, at + PAGE_VERSION, version);
            memory.set(JAVA_INT, at + FLAGS, memory.get(JAVA_INT, at + FLAGS) | PAGES_KNOWN);
        } finally {
            stripe.unlockWrite(stamp);
        }
    }

    private long at(long nodeId) {
        if (!records.covers(nodeId)) {
            throw new StoreException(Errno.ESTALE, "node " + nodeId);
        }
        long at = records.offset(nodeId);
        if (memory.get(JAVA_INT, at) != LIVE) {
            throw new StoreException(Errno.ESTALE, "node " + nodeId);
        }
        return at;
    }

    private InodeIndex partition(long hash) {
        return index[(int) (hash >>> 58)];
    }

    private StampedLock stripe(long nodeId) {
        return stripes[(int) nodeId & STRIPES - 1];
    }

    @Override
    public void close() {
        records.close();
        tails.close();
    }
}
