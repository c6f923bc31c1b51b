package io.efc.nfs.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.nfs.NfsAccess;
import io.efc.nfs.NfsAttr;
import io.efc.nfs.NfsEntry;
import io.efc.nfs.NfsException;
import io.efc.nfs.NfsOpened;
import io.efc.nfs.NfsSetAttr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The open files of a mount: OPEN and CLOSE (RFC 8881 sections 18.16 and 18.2), and getting state back that the server lost. After a restart the
 * keeper reclaims every open and lock (CLAIM_PREVIOUS) while the server's grace period lasts; what could not be reclaimed, and a single state that the
 * server revoked, is opened again by handle (CLAIM_FH) as soon as a request meets it.
 */
final class Nfs4Opens implements Nfs4Keeper.Reclaim {
    private static final System.Logger LOG = System.getLogger(Nfs4Opens.class.getName());

    /** createhow4. */
    private static final int GUARDED = 1;

    /** open_claim_type4. */
    private static final int CLAIM_NULL = 0;

    private static final int CLAIM_PREVIOUS = 1;
    private static final int CLAIM_FH = 4;

    private static final int DELEGATE_NONE = 0;
    private static final int DELEGATE_NONE_EXT = 3;

    /** why_no_delegation4 with a boolean behind it: CONTENTION and RESOURCE. */
    private static final int WHY_CONTENTION = 1;

    private static final int WHY_RESOURCE = 2;

    /** Rounds of "not there, yet it exists" before a create gives up. */
    private static final int CREATE_ROUNDS_MAX = 8;

    /** How often one request may meet a revoked state. */
    static final int RECOVERIES_MAX = 16;

    /** How a file is opened; on the wire between share and claim. */
    private interface How {
        void put(XdrWriter w);
    }

    /** What is to be opened: {@code place} itself, or {@code name} in it. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Claim(byte[] place, int kind, byte @Nullable [] name, NfsAccess access, How how) {
        boolean creates() {
            return how != NO_CREATE;
        }
    }

    /** An OPEN's answer: what was opened, and what the compound's last operations saw. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Answer(
            byte[] stateid,
            byte[] handle,
            @Nullable NfsAttr attr,
            @Nullable NfsAttr directory) {}

    private static final How NO_CREATE = w -> w.i32(0);

    private final Nfs4Lease lease;
    private final Nfs4Names names;
    private final ChunkPool pool;
    private final Nfs4Locks locks;
    private final Set<Nfs4OpenFile> open = ConcurrentHashMap.newKeySet();
    private final Map<HandleKey, Nfs4SharedFile> shared = new HashMap<>();
    private final ConcurrentLinkedQueue<Long> ownersFree = new ConcurrentLinkedQueue<>();
    private final AtomicLong ownerNext = new AtomicLong(1);

    Nfs4Opens(Nfs4Lease lease, Nfs4Names names, ChunkPool pool) {
        this.lease = lease;
        this.names = names;
        this.pool = pool;
        this.locks = new Nfs4Locks(lease, this);
    }

    Nfs4Locks locks() {
        return locks;
    }

    /** Opens by handle. */
    NfsOpened open(Credentials caller, byte[] handle, NfsAccess access) {
        return run(caller, new Claim(handle, CLAIM_FH, null, access, NO_CREATE));
    }

    /** Creates and opens; without {@code exclusive} an existing file is opened. */
    NfsOpened create(Credentials caller, byte[] directory, byte[] name, int mode, NfsAccess access, boolean exclusive) {
        if (exclusive) {
            CreationMark mark = CreationMark.fresh();
            return run(caller, new Claim(directory, CLAIM_NULL, name, access, guarded(mark.on(mode))), mark);
        }
        How how = guarded(NfsSetAttr.ofMode(mode));
        for (int round = 0; ; round++) {
            try {
                return run(caller, new Claim(directory, CLAIM_NULL, name, access, how));
            } catch (NfsException e) {
                if (e.errno() != Errno.EEXIST || round == CREATE_ROUNDS_MAX) {
                    throw e;
                }
            }
            try {
                return run(caller, new Claim(directory, CLAIM_NULL, name, access, NO_CREATE));
            } catch (NfsException e) {
                if (e.errno() != Errno.ENOENT) {
                    throw e;
                }
            }
        }
    }

    private static How guarded(NfsSetAttr attributes) {
        return w -> {
            w.i32(1);
            w.i32(GUARDED);
            Nfs4Attributes.put(w, attributes);
        };
    }

    private NfsOpened run(Credentials caller, Claim claim) {
        return run(caller, claim, null);
    }

    /** @param mark of an exclusive creation */
    private NfsOpened run(Credentials caller, Claim claim, @Nullable CreationMark mark) {
        Long reused = ownersFree.poll();
        long owner = reused == null ? ownerNext.getAndIncrement() : reused;
        try {
            NfsOpened opened = mark == null ? opened(caller, claim, owner) : created(caller, claim, owner, mark);
            open.add((Nfs4OpenFile) opened.file());
            return opened;
        } catch (NfsException e) {
            if (e.errno() != Errno.EINTR && e.errno() != Errno.ETIMEDOUT) {
                ownersFree.add(owner);
            }
            throw e;
        }
    }

    /** Creates exclusively. The session's slots see to retransmissions; what a server made that forgot its sessions is known by its mark. */
    private NfsOpened created(Credentials caller, Claim claim, long owner, CreationMark mark) {
        int[] earlier = new int[1];
        try {
            return opened(caller, claim, owner, earlier);
        } catch (NfsException e) {
            if (e.errno() != Errno.EEXIST || earlier[0] == 0) {
                throw e;
            }
            NfsOpened mine = marked(caller, claim, owner, mark);
            if (mine == null) {
                throw e;
            }
            return mine;
        }
    }

    /** Opens the name that is taken if its file has the mark. */
    private @Nullable NfsOpened marked(Credentials caller, Claim claim, long owner, CreationMark mark) {
        NfsOpened there;
        try {
            there = opened(
                    caller, new Claim(claim.place(), CLAIM_NULL, claim.name(), claim.access(), NO_CREATE), owner);
        } catch (NfsException e) {
            if (e.errno() == Errno.EINTR || e.errno() == Errno.ETIMEDOUT) {
                throw e;
            }
            return null;
        }
        if (mark.isOn(there.entry().attr())) {
            return new NfsOpened(there.file(), there.entry(), true, null);
        }
        Nfs4OpenFile file = (Nfs4OpenFile) there.file();
        try {
            sendClose(caller, file.handle(), file.stateid());
        } finally {
            unshare(file);
        }
        return null;
    }

    private NfsOpened opened(Credentials caller, Claim claim, long owner) {
        return opened(caller, claim, owner, new int[1]);
    }

    /** @param earlier where to count the attempts before the one that failed */
    private NfsOpened opened(Credentials caller, Claim claim, long owner, int[] earlier) {
        Answer answer = send(caller, claim, owner, earlier);
        byte[] handle = answer.handle();
        NfsAttr attr = answer.attr();
        if (attr == null) {
            attr = attributes(caller, answer);
        }
        Nfs4OpenFile file = new Nfs4OpenFile(handle, claim.access(), caller, owner, answer.stateid(), share(handle));
        return new NfsOpened(file, new NfsEntry(handle, attr), claim.creates(), answer.directory());
    }

    private NfsAttr attributes(Credentials caller, Answer opened) {
        boolean good = false;
        try {
            NfsAttr attr = names.getattr(caller, opened.handle());
            good = true;
            return attr;
        } finally {
            if (!good) {
                sendClose(caller, opened.handle(), opened.stateid());
            }
        }
    }

    private Answer send(Credentials caller, Claim claim, long owner, int[] earlier) {
        return lease.change(
                caller,
                Nfs4Request.OPEN,
                3,
                c -> {
                    c.putFh(claim.place());
                    putOpen(c, claim.access(), owner, claim.how(), claim.kind());
                    if (claim.name() != null) {
                        c.args().opaque(claim.name());
                    }
                    c.op(Nfs4.OP_GETFH);
                    c.getattr(Nfs4Attributes.STAT);
                    if (claim.creates()) {
                        c.putFh(claim.place()).getattr(Nfs4Attributes.STAT);
                    }
                    c.ifLate(late -> closeLate(late, caller));
                },
                c -> {
                    c.result(Nfs4.OP_PUTFH);
                    byte[] stateid = takeOpen(c);
                    byte[] handle = Nfs4Attributes.handle(c.result(Nfs4.OP_GETFH));
                    NfsAttr attr = c.attrIfAny();
                    if (!claim.creates()) {
                        return new Answer(stateid, handle, attr, null);
                    }
                    c.resultStatus(Nfs4.OP_PUTFH);
                    return new Answer(stateid, handle, attr, c.attrIfAny());
                },
                (status, attempt) -> {
                    earlier[0] = attempt;
                    throw Nfs4Lease.failure(Nfs4Request.OPEN, status);
                });
    }

    private static void putOpen(Nfs4Compound c, NfsAccess access, long owner, How how, int claim) {
        XdrWriter w = c.op(Nfs4.OP_OPEN);
        w.i32(0);
        w.i32((access.reads() ? Nfs4.SHARE_ACCESS_READ : 0)
                | (access.writes() ? Nfs4.SHARE_ACCESS_WRITE : 0)
                | (claim == CLAIM_PREVIOUS ? 0 : Nfs4.SHARE_WANT_NO_DELEGATION));
        w.i32(0);
        w.i64(0);
        w.i32(8);
        w.i64(owner);
        how.put(w);
        w.i32(claim);
        if (claim == CLAIM_PREVIOUS) {
            w.i32(DELEGATE_NONE);
        }
    }

    /** OPEN4resok: the stateid without its seqid. */
    static byte[] takeOpen(Nfs4Compound c) {
        XdrReader r = c.result(Nfs4.OP_OPEN);
        byte[] stateid = takeStateid(r);
        r.bool();
        r.i64();
        r.i64();
        r.i32();
        r.skip(4 * r.length(8));
        int delegation = r.i32();
        if (delegation == DELEGATE_NONE_EXT) {
            int why = r.i32();
            if (why == WHY_CONTENTION || why == WHY_RESOURCE) {
                r.bool();
            }
        } else if (delegation != DELEGATE_NONE) {
            throw new XdrException("delegation " + delegation + " for a client without a back channel");
        }
        return stateid;
    }

    static byte[] takeStateid(XdrReader r) {
        r.i32();
        return r.opaqueFixed(Nfs4.STATEID_OTHER_BYTES);
    }

    /** The caller of an OPEN was interrupted, the OPEN succeeded: nobody will close it but this. */
    private Runnable closeLate(Nfs4Compound late, Credentials caller) {
        late.result(Nfs4.OP_PUTFH);
        byte[] stateid = takeOpen(late);
        byte[] handle = Nfs4Attributes.handle(late.result(Nfs4.OP_GETFH));
        return () -> sendClose(caller, handle, stateid);
    }

    private Nfs4SharedFile share(byte[] handle) {
        synchronized (shared) {
            Nfs4SharedFile s =
                    shared.computeIfAbsent(new HandleKey(handle), k -> new Nfs4SharedFile(new UnstableWrites(pool)));
            s.users++;
            return s;
        }
    }

    private void unshare(Nfs4OpenFile file) {
        synchronized (shared) {
            Nfs4SharedFile s = file.shared();
            if (--s.users == 0) {
                shared.remove(new HandleKey(file.handle()));
                s.unstable.forget();
            }
        }
    }

    /** An open file of this mount that writes to the file with this handle, or null. */
    @Nullable
    Nfs4OpenFile writer(byte[] handle) {
        for (Nfs4OpenFile f : open) {
            if (f.access().writes() && Arrays.equals(f.handle(), handle)) {
                return f;
            }
        }
        return null;
    }

    /** Ends an open state; what it wrote must be committed. */
    void close(Nfs4OpenFile file) {
        if (!open.remove(file)) {
            throw new NfsException(Errno.EBADF, "CLOSE of a file that is not open");
        }
        file.markClosed();
        try {
            locks.releaseAll(file);
            sendClose(file.caller(), file.handle(), file.stateid());
            ownersFree.add(file.owner());
        } finally {
            unshare(file);
        }
    }

    /** CLOSE; a state that the server no longer knows is as good as closed. */
    private void sendClose(Credentials caller, byte[] handle, byte[] stateid) {
        boolean[] forgotten = new boolean[1];
        try {
            lease.run(
                    caller,
                    Nfs4Request.CLOSE,
                    false,
                    c -> {
                        c.putFh(handle);
                        c.op(Nfs4.OP_CLOSE).i32(0);
                        c.putStateid(0, stateid);
                    },
                    c -> true,
                    (status, attempt) -> {
                        forgotten[0] = stateGone(status) || status == NfsStatus.STALE;
                        throw Nfs4Lease.failure(Nfs4Request.CLOSE, status);
                    });
        } catch (NfsException e) {
            if (!forgotten[0]) {
                throw e;
            }
        }
    }

    /** Whether a status says that the server does not know a state (any more). */
    static boolean stateGone(NfsStatus status) {
        return switch (status) {
            case BAD_STATEID, OLD_STATEID, STALE_STATEID, EXPIRED, ADMIN_REVOKED, DELEG_REVOKED -> true;
            default -> false;
        };
    }

    /** What a request through an open file does about a failure: has the file recovered and goes on, or throws. */
    void onStatus(Nfs4OpenFile file, byte[] used, Nfs4Request request, NfsStatus status, int attempt) {
        if (!stateGone(status) || file.closed() || attempt >= RECOVERIES_MAX) {
            throw Nfs4Lease.failure(request, status);
        }
        recover(file, used);
    }

    /** Opens a file again whose stateid {@code bad} the server does not know, and takes its locks again. */
    @SuppressWarnings("ReferenceEquality") // Every OPEN brings an array of its own, even if its bytes are the same.
    void recover(Nfs4OpenFile file, byte[] bad) {
        try {
            file.shared().mutex.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NfsException(Errno.EINTR, "waiting for an open file's recovery");
        }
        try {
            if (file.stateid() != bad || file.closed()) {
                return;
            }
            byte[] stateid = lease.run(
                    file.caller(),
                    Nfs4Request.OPEN,
                    c -> {
                        c.putFh(file.handle());
                        putOpen(c, file.access(), file.owner(), NO_CREATE, CLAIM_FH);
                    },
                    c -> {
                        c.result(Nfs4.OP_PUTFH);
                        return takeOpen(c);
                    });
            file.stateid(stateid);
            locks.takeAgain(file);
        } finally {
            file.shared().mutex.unlock();
        }
    }

    @Override
    public void reclaim(Nfs4Session session) {
        List<Nfs4OpenFile> left = new ArrayList<>();
        for (Nfs4OpenFile file : open) {
            NfsStatus status = lease.keeper()
                    .inSession(
                            session,
                            file.caller(),
                            Nfs4Request.OPEN,
                            c -> {
                                c.putFh(file.handle());
                                putOpen(c, file.access(), file.owner(), NO_CREATE, CLAIM_PREVIOUS);
                            },
                            c -> {
                                c.result(Nfs4.OP_PUTFH);
                                file.stateid(takeOpen(c));
                                return NfsStatus.OK;
                            });
            if (status == NfsStatus.OK) {
                locks.reclaim(session, file);
            } else {
                LOG.log(System.Logger.Level.DEBUG, "reclaiming an open: {0}", status);
                left.add(file);
            }
        }
        if (!left.isEmpty()) {
            lease.later(() -> left.forEach(f -> recover(f, f.stateid())));
        }
    }

    /** The open files, as they are now. */
    List<Nfs4OpenFile> all() {
        return List.copyOf(open);
    }

    /** Open files. */
    int count() {
        return open.size();
    }
}
