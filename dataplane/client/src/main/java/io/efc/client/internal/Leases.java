package io.efc.client.internal;

import io.efc.base.Check;
import io.efc.base.Errno;
import io.efc.base.Fence;
import io.efc.base.Ticker;
import io.efc.lease.ClientSink;
import io.efc.lease.LeaseClient;
import io.efc.lease.LeaseConfig;
import io.efc.lease.LeaseEvent;
import io.efc.lease.Mode;
import io.efc.lease.ObjectId;
import io.efc.lease.Reply;
import io.efc.lease.ToClient;
import io.efc.lease.ToMaster;
import io.efc.store.FileHandle;
import io.efc.store.StoreException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What this mount may believe and change, by the leases that it holds from the master.
 *
 * <p><b>Cells.</b> Each file and each directory is one cell: a file's attributes, attributes' extensions and data, a directory's names and own
 * attributes. Cells are named by the hash of the store's handle, and grouped by the store's file numbers, {@value #GROUP_FILES} to a group: who
 * uses many files of a group is given the group's lease. Groups do not depend on directories, so a renamed or linked file stays in its cell.
 * A read-only dataset is one cell.
 *
 * <p><b>Operations that look</b> ({@link #read}) wait until the cell is covered, and then go on without being counted: what they learn carries
 * the moment when the store was asked, and is believed only if the cell has been covered without a gap since then ({@link
 * LeaseClient#coveredSince}). The moment counts at which the lease was seen to be there. What they answer to the kernel late it does not keep: a
 * dentry made by a lookup that began before FUSE_NOTIFY_INC_EPOCH is looked up again, and attributes asked for before FUSE_NOTIFY_INVAL_INODE
 * are not kept (fuse: fi->attr_version).
 *
 * <p><b>Operations that change</b> ({@link #change}) are counted until the store has answered, and a write lease is not given up before. They
 * take their cells in one order over all clients, so that nobody waits in a circle.
 *
 * <p><b>READ</b> ({@link #beginRead}) fills the kernel's pages, which hold until they are dropped, so it is counted until the kernel has the
 * bytes. The kernel holds the pages' locks while a READ is under way, and dropping pages waits for those locks. So while a lease is given up, READs
 * that come later are parked and their ranges left out of the dropping: they will be answered under the next lease. A READ that the kernel has
 * sent and nobody has seen yet would stop the dropping for ever: what comes while pages are being dropped is let in under the lease that is not
 * given up yet, and the dropping begins anew. It ends because every round parks a reader.
 *
 * <p><b>The kernel</b> is told that attributes and names hold no longer than the session lives if it is not renewed: it goes on serving while this
 * process is stopped. Names are dropped by INC_EPOCH, all of the mount's at once: INVAL_ENTRY would miss what a lookup is just about to make, and
 * takes the directory's lock, which the kernel holds over operations that wait here.
 *
 * <p>One lock guards the lease client and the counts; it is held over no call to the store or the kernel. Lock order: an inode's monitor, this
 * lock, the link's. Revokes run on threads of their own ({@link Revoker}).
 */
final class Leases implements AutoCloseable {
    /** Files of a group are those whose numbers differ below this power of two. */
    private static final int GROUP_SHIFT = 10;

    static final int GROUP_FILES = 1 << GROUP_SHIFT;

    private static final Logger LOG = System.getLogger(Leases.class.getName());
    private static final long LOOK_AGAIN_NANOS = 500_000_000L;
    private static final long BUSY_NANOS = 10_000_000L;
    private static final long CLOSE_NANOS = 2_000_000_000L;

    /** All clients take cells in this order. */
    private static final Comparator<ObjectId> ORDER =
            Comparator.<ObjectId>comparingLong(ObjectId::directory).thenComparingLong(ObjectId::file);

    /** The parts of a lease that are in use. Guarded by the lock. */
    static final class Use {
        /** Changes that are let in and not answered by the store. */
        int changes;
        /** READs that are let in and whose bytes the kernel does not have yet. */
        int readers;
        /** It is being given up: READs are parked. */
        boolean giving;
        /** Pages are being dropped: READs are let in. */
        boolean dropping;
        /** The dropping waits for somebody: parked READs are let in as well. */
        boolean stuck;
        /** Nodes of READs that were let in while pages were being dropped. */
        final List<Long> served = new ArrayList<>(0);

        boolean isIdle() {
            return changes == 0 && readers == 0 && !giving;
        }
    }

    /** What begins when no change is under way any more. */
    private record Waiting(ObjectId object, Runnable start) {}

    /** A READ that waits; the kernel has its pages locked. */
    record Parked(long nodeId, long offset, long length) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final LeaseConfig config;
    private final LeaseClient client;
    private final LeaseLink link;
    private final Ticker ticker;
    private final long dataset;
    private final boolean wholeDataset;
    private final long checkNanos;
    private final HashMap<ObjectId, Use> uses = new HashMap<>();
    private final List<Parked> parked = new ArrayList<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private final ThreadLocal<Held> changes = ThreadLocal.withInitial(Held::new);
    private final ThreadLocal<Reading> readings = ThreadLocal.withInitial(Reading::new);
    private final LeaseMetrics metrics;
    private @Nullable Core core;
    private @Nullable Revoker revoker;
    private boolean lost;
    private boolean closed;
    private boolean denied;
    private boolean ending;
    private int flushes;

    /**
     * Begins a session.
     *
     * @param wholeDataset nobody may change the dataset: one lease is enough
     * @param checkNanos how long something is believed before it is asked for again, for the sake of who changes the store directly
     */
    Leases(
            LeaseConfig config,
            Function<Consumer<ToClient>, LeaseLink> links,
            Ticker ticker,
            long dataset,
            boolean wholeDataset,
            long checkNanos,
            LeaseMetrics metrics) {
        this.config = config;
        this.client = new LeaseClient(config, () -> ThreadLocalRandom.current().nextLong() | 1);
        this.ticker = ticker;
        this.dataset = dataset;
        this.wholeDataset = wholeDataset;
        this.checkNanos = checkNanos;
        this.metrics = metrics;
        this.link = links.apply(this::received);
    }

    /** Tells what is to be flushed and forgotten; before the first request. */
    void attach(Core to) {
        core = to;
        revoker = new Revoker(to, this);
        lock.lock();
        try {
            client.open(now(), sink);
        } finally {
            lock.unlock();
        }
    }

    private Core core() {
        Core c = core;
        if (c == null) {
            throw new IllegalStateException("leases without a mount");
        }
        return c;
    }

    private long now() {
        return ticker.nanos();
    }

    // Cells.

    /** The cell of a node; null for what no store has and nobody changes: the directories that lead to the mounts. */
    @Nullable
    ObjectId cell(long nodeId) {
        Core c = core();
        if (c.part(nodeId).mount() < 0) {
            return null;
        }
        return wholeDataset
                ? ObjectId.dataset(dataset)
                : cell(c.inodes.mount(nodeId), c.inodes.fileId(nodeId), c.inodes.hash(nodeId));
    }

    /** The cell of a node that may be gone; null then too. */
    @Nullable
    ObjectId cellIfLive(long nodeId) {
        try {
            return core().inodes.isLive(nodeId) ? cell(nodeId) : null;
        } catch (StoreException e) {
            return null;
        }
    }

    /** The session that changes are made in. */
    long session() {
        lock.lock();
        try {
            return client.session();
        } finally {
            lock.unlock();
        }
    }

    LeaseMetrics metrics() {
        return metrics;
    }

    /** The cell of a file that may have no node. */
    ObjectId cell(int mount, long fileId, FileHandle handle) {
        return wholeDataset ? ObjectId.dataset(dataset) : cell(mount, fileId, Hash.of(handle.bytes(), mount));
    }

    private ObjectId cell(int mount, long fileId, long hash) {
        long group = ((fileId >>> GROUP_SHIFT) * 0x9E3779B97F4A7C15L) ^ (mount * 0xD6E8FEB86659FD93L);
        return ObjectId.file(dataset, group == 0 ? 1 : group, hash == 0 ? 1 : hash);
    }

    // What may be believed.

    /** For how long from now what was asked of the store at {@code fetchedAt} about the node may be believed, in nanoseconds. */
    long left(long nodeId, long fetchedAt) {
        if (fetchedAt == Freshness.UNKNOWN) {
            return 0;
        }
        ObjectId cell = cell(nodeId);
        long now = now();
        long unchecked = checkNanos - (now - fetchedAt);
        if (cell == null) {
            return Math.max(0, unchecked);
        }
        lock.lock();
        try {
            if (fetchedAt - client.coveredSince(now, cell) < 0 || unchecked <= 0) {
                return 0;
            }
            return Math.min(unchecked, client.lifeLeft(now));
        } finally {
            lock.unlock();
        }
    }

    /** Waits until what the store says of the node may be believed. EINTR if interrupted. */
    void read(long nodeId) {
        ObjectId cell = cell(nodeId);
        if (cell == null) {
            return;
        }
        lock.lock();
        try {
            await(cell, Mode.READ, null);
        } finally {
            lock.unlock();
        }
    }

    /** False if what {@code change} holds already has to be given back first. */
    private boolean await(ObjectId cell, Mode mode, @Nullable Held change) {
        long since = 0;
        while (true) {
            LeaseClient.Standing standing =
                    closed ? LeaseClient.Standing.HELD : client.acquire(now(), cell, mode, sink);
            switch (standing) {
                case HELD, DIRECT -> {
                    if (since != 0) {
                        metrics.waited.record(now() - since);
                    }
                    return true;
                }
                case WAIT -> {
                    if (change != null && (lost || change.isInTheWay())) {
                        return false;
                    }
                    since = since == 0 ? now() : since;
                    pause(LOOK_AGAIN_NANOS);
                }
                case BUSY -> pause(BUSY_NANOS);
            }
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the caller looks again in any case
    private void pause(long nanos) {
        if (ending && !client.isLive(now())) {
            throw new StoreException(Errno.EIO, "the mount ends without a session");
        }
        try {
            long _ = changed.awaitNanos(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Errno.EINTR, "wait for a lease");
        }
    }

    // Changes.

    /** The cells that a change has, to be closed when the store has answered. One a thread; changes do not nest. */
    private final class Held implements Change, BooleanSupplier {
        private final List<ObjectId> held = new ArrayList<>(4);

        /** Whether what the store was not sent yet, or has not answered, may still be carried out. */
        @Override
        public boolean getAsBoolean() {
            lock.lock();
            try {
                return closed || isTimely(now());
            } finally {
                lock.unlock();
            }
        }

        /** A group's lease that covers what is held already is wanted back, perhaps by who has what is waited for. */
        private boolean isInTheWay() {
            for (ObjectId cell : held) {
                Use group = cell.hasParent() ? uses.get(cell.parent()) : null;
                if (group != null && group.giving && !client.isExcepted(cell.parent(), cell.file())) {
                    return true;
                }
            }
            return false;
        }

        /** Whether the store may be sent a change now that it will carry out before anybody else is given its cells. */
        private boolean isTimely(long now) {
            for (ObjectId cell : held) {
                long flush = client.flushToken(now, cell);
                long token = flush != 0 ? flush : client.token(now, cell, Mode.WRITE);
                if (token == 0 || !client.mayWrite(now, cell, token)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public void close() {
            Fence.set(null);
            if (held.isEmpty()) {
                return;
            }
            lock.lock();
            try {
                for (ObjectId cell : held) {
                    countChange(cell, -1);
                }
                held.clear();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Waits until this client alone may change the nodes, and counts the change. 0 stands for none. */
    Change change(long nodeId, long other) {
        ObjectId first = cell(nodeId);
        ObjectId second = other == 0 ? null : cell(other);
        return change(new @Nullable ObjectId[] {first, second});
    }

    /** As {@link #change(long, long)}; null stands for none. EINTR if interrupted. */
    Change change(@Nullable ObjectId... cells) {
        ObjectId[] wanted = Arrays.stream(cells)
                .filter(java.util.Objects::nonNull)
                .distinct()
                .sorted(ORDER)
                .toArray(ObjectId[]::new);
        Held change = changes.get();
        Check.state(change.held.isEmpty(), "a change within a change");
        if (wholeDataset) {
            throw new StoreException(Errno.EROFS, "the dataset is read-only");
        }
        lock.lock();
        try {
            boolean entered = false;
            try {
                while (!entered) {
                    entered = take(wanted, change);
                }
            } finally {
                if (!entered) {
                    change.close();
                }
            }
        } finally {
            lock.unlock();
        }
        Fence.set(change);
        return change;
    }

    /** Waits until what the store says of the node may be believed, and keeps it so until the result is closed. EINTR if interrupted. */
    Change hold(long nodeId) {
        ObjectId cell = cell(nodeId);
        if (cell == null) {
            return Change.UNGUARDED;
        }
        Held held = changes.get();
        Check.state(held.held.isEmpty(), "a change within a change");
        lock.lock();
        try {
            await(cell, Mode.READ, null);
            countChange(cell, 1);
            held.held.add(cell);
        } finally {
            lock.unlock();
        }
        return held;
    }

    /** Takes the cells in their order, each held while the next is waited for; false if it has to begin anew. */
    private boolean take(ObjectId[] wanted, Held change) {
        for (ObjectId cell : wanted) {
            if (!await(cell, Mode.WRITE, change)) {
                change.close();
                pause(BUSY_NANOS);
                return false;
            }
            countChange(cell, 1);
            change.held.add(cell);
        }
        if (!closed && !change.isTimely(now())) {
            change.close();
            pause(BUSY_NANOS);
            return false;
        }
        return true;
    }

    private void countChange(ObjectId cell, int by) {
        use(cell).changes += by;
        tidy(cell);
        if (by < 0 && !waiting.isEmpty()) {
            List<Waiting> due =
                    waiting.stream().filter(w -> !isChanging(w.object)).toList();
            waiting.removeAll(due);
            due.forEach(w -> w.start.run());
        }
    }

    /** Whether a change is let in under the lease of this object. */
    private boolean isChanging(ObjectId object) {
        return isUsed(object, u -> u.changes > 0);
    }

    private boolean isUsed(ObjectId object, Predicate<Use> how) {
        for (Map.Entry<ObjectId, Use> e : uses.entrySet()) {
            if (how.test(e.getValue()) && covers(object, e.getKey())) {
                return true;
            }
        }
        return false;
    }

    /** Whether a lease of {@code object} is, or may be, what lets {@code cell} be used. */
    private boolean covers(ObjectId object, ObjectId cell) {
        return cell.equals(object)
                || object.isDataset()
                || (cell.hasParent() && cell.parent().equals(object) && !client.isExcepted(object, cell.file()));
    }

    private Use use(ObjectId object) {
        return uses.computeIfAbsent(object, o -> new Use());
    }

    private void tidy(ObjectId object) {
        Use use = uses.get(object);
        if (use != null && use.isIdle()) {
            uses.remove(object);
        }
    }

    /**
     * Waits until bytes that were kept back in {@code session} may be sent; {@link #flushed} when they are.
     *
     * @return false if that session is over: somebody else may have changed the file since
     */
    boolean beginFlush(long nodeId, long session) {
        ObjectId cell = cell(nodeId);
        lock.lock();
        try {
            boolean may = cell == null || mayFlush(cell, session);
            flushes += may ? 1 : 0;
            if (may && cell != null) {
                Fence.set(() -> goesOn(cell, session));
            }
            return may;
        } finally {
            lock.unlock();
        }
    }

    private boolean goesOn(ObjectId cell, long session) {
        lock.lock();
        try {
            long now = now();
            long token = client.flushToken(now, cell);
            if (closed) {
                return true;
            }
            boolean own = token != 0 && client.session() == session;
            return own ? client.mayWrite(now, cell, token) : isYieldingRead(cell, now);
        } finally {
            lock.unlock();
        }
    }

    /** A mapped page that is written while a read lease is given up: the kernel waits for it. */
    private boolean isYieldingRead(ObjectId cell, long now) {
        return !lost && giving(cell) != null && client.isLive(now);
    }

    private boolean mayFlush(ObjectId cell, long session) {
        while (!closed) {
            long now = now();
            long token = client.flushToken(now, cell);
            if (token == 0 || client.session() != session) {
                return isYieldingRead(cell, now);
            }
            if (client.mayWrite(now, cell, token)) {
                return true;
            }
            pauseUninterrupted();
        }
        return true;
    }

    /** The store has answered. */
    void flushed() {
        Fence.set(null);
        lock.lock();
        try {
            flushes--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("WaitNotInLoop") // the caller looks again in any case
    private void pauseUninterrupted() {
        boolean interrupted = Thread.interrupted();
        try {
            long _ = changed.awaitNanos(BUSY_NANOS);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    // READ.

    /** A READ that was let in; runs when the kernel has the bytes. One a thread. */
    final class Reading implements Runnable {
        private @Nullable ObjectId cell;

        @Override
        public void run() {
            ObjectId c = cell;
            if (c == null) {
                return;
            }
            cell = null;
            lock.lock();
            try {
                countReader(c, -1);
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void countReader(ObjectId cell, int by) {
        use(cell).readers += by;
        tidy(cell);
    }

    /** Waits until bytes of the range may be given to the kernel; {@link Reading#run} when it has them. EINTR if interrupted. */
    Reading beginRead(long nodeId, long offset, int size) {
        Reading reading = readings.get();
        ObjectId cell = cell(nodeId);
        if (cell == null) {
            return reading;
        }
        lock.lock();
        try {
            Parked here = null;
            try {
                while (!closed) {
                    Use giving = giving(cell);
                    if (giving != null && (giving.dropping || giving.stuck)) {
                        if (lost) {
                            throw new StoreException(Errno.EIO, "the session was lost while a read was under way");
                        }
                        giving.served.add(nodeId);
                        break;
                    }
                    if (giving == null) {
                        LeaseClient.Standing standing = client.acquire(now(), cell, Mode.READ, sink);
                        if (standing == LeaseClient.Standing.HELD || standing == LeaseClient.Standing.DIRECT) {
                            break;
                        }
                    }
                    if (here == null) {
                        here = new Parked(nodeId, offset, size);
                        parked.add(here);
                    }
                    pause(LOOK_AGAIN_NANOS);
                }
            } finally {
                if (here != null) {
                    parked.remove(here);
                }
            }
            countReader(cell, 1);
            reading.cell = cell;
            return reading;
        } finally {
            lock.unlock();
        }
    }

    /** The lease that covers the cell, if it is being given up. */
    private @Nullable Use giving(ObjectId cell) {
        Use own = uses.get(cell);
        if (own != null && own.giving) {
            return own;
        }
        if (!cell.hasParent()) {
            return null;
        }
        Use group = uses.get(cell.parent());
        return group != null && group.giving && !client.isExcepted(cell.parent(), cell.file()) ? group : null;
    }

    // For the revoker.

    /** Has {@code start} run, under the lock, when no change is under way that the lease of {@code object} let in; new ones are not let in. */
    private void whenUnchanged(ObjectId object, Runnable start) {
        if (isChanging(object)) {
            waiting.add(new Waiting(object, start));
        } else {
            start.run();
        }
    }

    /** Pages are about to be dropped: the READs that wait, whose ranges are to be left alone. */
    List<Parked> beginDropping(ObjectId object) {
        lock.lock();
        try {
            Use use = use(object);
            use.served.clear();
            use.dropping = true;
            changed.signalAll();
            return List.copyOf(parked);
        } finally {
            lock.unlock();
        }
    }

    /** The dropping does not come to an end: lets in the READs that wait. */
    void stuck(ObjectId object) {
        lock.lock();
        try {
            use(object).stuck = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Pages are dropped, and the READs that were let in are answered: the nodes whose pages they filled since. */
    List<Long> endDropping(ObjectId object) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            Use use = use(object);
            use.dropping = false;
            use.stuck = false;
            while (isUsed(object, u -> u.readers > 0)) {
                changed.await();
            }
            List<Long> served = use.served.stream().distinct().toList();
            use.served.clear();
            return served;
        } finally {
            lock.unlock();
        }
    }

    /** Everything beyond {@code keep} is flushed and forgotten: tells the master, unless still more is wanted back by now. */
    void yielded(ObjectId object, long token, Mode keep) {
        lock.lock();
        try {
            if (client.tokenOf(object) == token && client.modeOf(object) != keep) {
                return;
            }
            use(object).giving = false;
            tidy(object);
            client.yielded(now(), object, token, sink);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The same for one cell of a group. */
    void yieldedCell(ObjectId cell, long token) {
        lock.lock();
        try {
            use(cell).giving = false;
            tidy(cell);
            client.yieldedChild(now(), cell.parent(), token, cell.file(), sink);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the group's lease leaves out this cell. */
    boolean isExcepted(ObjectId cell) {
        lock.lock();
        try {
            return cell.hasParent() && client.isExcepted(cell.parent(), cell.file());
        } finally {
            lock.unlock();
        }
    }

    /** What was sent to the store and not answered takes effect within this time or never. */
    long storeNanos() {
        return config.times().storeNanos();
    }

    /** Waits until nothing of the lost session is on its way to the store. */
    void awaitAllChanges() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (flushes > 0 || uses.values().stream().anyMatch(u -> u.changes > 0)) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** All is forgotten: a new session begins. */
    void cleared() {
        lock.lock();
        try {
            uses.values().forEach(u -> u.giving = false);
            uses.values().removeIf(Use::isIdle);
            lost = false;
            client.cleared(now(), sink);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // The session.

    private void received(ToClient message) {
        lock.lock();
        try {
            if (!closed && core != null) {
                client.onMessage(now(), message, sink);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Time has passed. To be called at least every sixteenth of the session's life. */
    void tick() {
        lock.lock();
        try {
            if (!closed) {
                client.tick(now(), sink);
            }
        } finally {
            lock.unlock();
        }
    }

    /** How often {@link #tick} is due. */
    long tickNanos() {
        return Math.min(config.times().lifeNanos() / 32, config.times().retryNanos() / 2);
    }

    /** Whether there is a session. */
    boolean isLive() {
        lock.lock();
        try {
            return client.isLive(now());
        } finally {
            lock.unlock();
        }
    }

    /** Leases held. */
    int held() {
        lock.lock();
        try {
            return client.leases();
        } finally {
            lock.unlock();
        }
    }

    /** What {@code efc describe lease} shows of a node: cell, mode, token. */
    String describe(long nodeId) {
        ObjectId cell = cell(nodeId);
        if (cell == null) {
            return "";
        }
        lock.lock();
        try {
            long now = now();
            Mode mode = client.covers(now, cell, Mode.WRITE)
                    ? Mode.WRITE
                    : client.covers(now, cell, Mode.READ) ? Mode.READ : Mode.NONE;
            return cell.dataset() + " " + Long.toHexString(cell.directory()) + " " + Long.toHexString(cell.file()) + " "
                    + mode + " " + Long.toHexString(client.session()) + " "
                    + (mode == Mode.NONE ? 0 : client.token(now, cell, mode));
        } finally {
            lock.unlock();
        }
    }

    /** The mount is about to end: nobody waits any more for a session that there is not. */
    void ending() {
        lock.lock();
        try {
            ending = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Ends the session; everything is flushed and no request is served any more. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (core != null && !lost) {
                client.close(now(), sink);
            }
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        Revoker r = revoker;
        if (r != null) {
            r.close(CLOSE_NANOS);
        }
        link.close();
    }

    private final ClientSink sink = new ClientSink() {
        @Override
        public void send(ToMaster message) {
            link.send(message);
        }

        @Override
        public void settled(ObjectId object) {
            changed.signalAll();
        }

        @Override
        public void busy(ObjectId object) {
            // Who waits looks again after a while by itself.
        }

        @Override
        public void denied(ObjectId object, Reply.Reason reason) {
            if (!denied) {
                LOG.log(Level.ERROR, "the master refuses a lease of {0}: {1}", object, reason);
            }
            denied = true;
            changed.signalAll();
        }

        @Override
        public void giveUp(ObjectId object, long token, Mode keep) {
            if (keep == Mode.NONE) {
                use(object).giving = true;
            }
            Revoker r = java.util.Objects.requireNonNull(revoker);
            long asked = now();
            whenUnchanged(object, () -> r.giveUp(object, token, keep, asked));
        }

        @Override
        public void giveUpChild(ObjectId directory, long token, long child) {
            ObjectId cell = new ObjectId(directory.dataset(), directory.directory(), child);
            use(cell).giving = true;
            Revoker r = java.util.Objects.requireNonNull(revoker);
            long asked = now();
            whenUnchanged(cell, () -> r.giveUpCell(cell, token, asked));
        }

        @Override
        public void sessionOpened(long session) {
            LOG.log(Level.INFO, "lease session {0} is open", Long.toHexString(session));
            changed.signalAll();
        }

        @Override
        public void sessionLost(long session) {
            LOG.log(
                    Level.WARNING,
                    "lease session {0} is lost: nothing cached is served until the master answers again",
                    Long.toHexString(session));
            lost = true;
            metrics.lost.increment();
            changed.signalAll();
            java.util.Objects.requireNonNull(revoker).sessionLost();
        }

        @Override
        public void event(LeaseEvent event) {
            metrics.events.count(event);
        }
    };
}
