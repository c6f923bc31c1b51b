package io.efc.lease;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A client's fcntl(2) and flock(2) locks: what the master granted, what was lost with a session, and requests that are not answered.
 *
 * <p><b>Another master</b> is told what is surely there: what the one before may have carried out already, without its answer having come, is left
 * out, since somebody else may have the lock by now. So of what is being unlocked nothing is claimed, nor of a flock that changes its mode, and
 * an exclusive lock that is being made shared is claimed as shared. If that change fails after all, the owner has lost its locks.
 *
 * <p><b>Abandoned</b> is a request whose program was told EINTR before the master said what became of it. If it is granted all the same it is given
 * back. Until then the owner asks for nothing else on that file ({@link #isUnsettled}). Where it had a part of the range before, what
 * that was like is not to be had again, and its locks on the file are lost; if it had more than it asked for, they are lost at once, since that
 * may be somebody else's already.
 */
final class ClientLocks {
    /** An owner's locks on a file. */
    record Key(ObjectId object, long owner, boolean flock) {
        static Key of(ObjectId object, LockRange range) {
            return new Key(object, range.owner(), range.flock());
        }
    }

    /** A request on its way. */
    private static final class Call {
        final long id;
        final Key key;
        final LockRange range;
        final Request request;
        boolean cancelled;
        boolean abandoned;
        /** A new master was told less than the owner had. */
        boolean weakened;

        Call(long id, ObjectId object, LockRange range, Request request) {
            this.id = id;
            this.key = Key.of(object, range);
            this.range = range;
            this.request = request;
        }

        boolean isUnlock() {
            return request instanceof Request.Unlock;
        }
    }

    /** Says something in the session's stream. */
    interface Voice {
        void say(Request request);
    }

    private final int rangesMax;
    private final Set<Flaw> flaws;
    private final LinkedHashMap<Key, OwnedRanges> held = new LinkedHashMap<>();
    private final LinkedHashMap<Key, OwnedRanges> lost = new LinkedHashMap<>();
    private final LinkedHashMap<Long, Call> calls = new LinkedHashMap<>();
    private long lastId;
    private int ranges;

    ClientLocks(LeaseConfig.LockLimits limits, Set<Flaw> flaws) {
        this.rangesMax = limits.locksOfSessionMax();
        this.flaws = flaws;
    }

    int ranges() {
        return ranges;
    }

    boolean isAsked(long id) {
        return calls.containsKey(id);
    }

    boolean isUnsettled(Key key) {
        return calls.values().stream().anyMatch(c -> c.abandoned && c.key.equals(key));
    }

    boolean covers(ObjectId object, LockRange range) {
        OwnedRanges own = held.get(Key.of(object, range));
        return own != null && own.covers(range);
    }

    /** Whether the owner has locks on the file, wants some, or has lost some. */
    boolean isKnown(Key key) {
        return held.containsKey(key)
                || lost.containsKey(key)
                || calls.values().stream().anyMatch(c -> c.key.equals(key));
    }

    boolean isLost(Key key) {
        return lost.containsKey(key);
    }

    boolean isAnyLost() {
        return !lost.isEmpty();
    }

    /** Whether giving up the range does not leave more pieces than a session may have. */
    boolean canUnlock(ObjectId object, LockRange range) {
        OwnedRanges own = held.get(Key.of(object, range));
        return own == null || ranges < rangesMax || !own.splits(range);
    }

    // Requests.

    long lock(ObjectId object, LockRange range, boolean waits, Voice voice) {
        long id = ++lastId;
        return ask(new Call(id, object, range, new Request.Lock(id, object, range, waits)), voice);
    }

    long test(ObjectId object, LockRange range, Voice voice) {
        long id = ++lastId;
        return ask(new Call(id, object, range, new Request.TestLock(id, object, range)), voice);
    }

    /** The request's number; 0 if there is nothing to be given up at the master. */
    long unlock(ObjectId object, LockRange range, Voice voice) {
        Key key = Key.of(object, range);
        removeLost(key, range);
        OwnedRanges own = held.get(key);
        boolean any = own != null && own.overlaps(range);
        if (!any && calls.values().stream().noneMatch(c -> c.key.equals(key))) {
            return 0;
        }
        return unlockAtMaster(key, range, voice).id;
    }

    private void removeLost(Key key, LockRange range) {
        OwnedRanges gone = lost.get(key);
        if (gone != null && gone.remove(range) && gone.isEmpty()) {
            lost.remove(key);
        }
    }

    private Call unlockAtMaster(Key key, LockRange range, Voice voice) {
        long id = ++lastId;
        Call call = new Call(id, key.object, range, new Request.Unlock(id, key.object, range));
        ask(call, voice);
        return call;
    }

    private long ask(Call call, Voice voice) {
        calls.put(call.id, call);
        voice.say(call.request);
        return call.id;
    }

    void cancel(long id, Voice voice) {
        Call call = calls.get(id);
        if (call != null && !call.cancelled) {
            call.cancelled = true;
            voice.say(new Request.CancelLock(id));
        }
    }

    void abandon(long id, Voice voice, ClientSink sink) {
        Call call = calls.get(id);
        if (call == null) {
            return;
        }
        call.abandoned = true;
        OwnedRanges own = call.request instanceof Request.Lock ? held.get(call.key) : null;
        boolean weakens = own != null && !call.range.exclusive() && own.conflict(call.range) != null;
        if (call.weakened || weakens) {
            call.weakened = false;
            lose(call.key, voice, sink);
        }
    }

    // What the master says.

    void answered(Reply.LockAnswer answer, Voice voice, ClientSink sink) {
        Call call = calls.remove(answer.id());
        if (call == null) {
            return;
        }
        boolean isDone = answer.outcome() == LockOutcome.DONE;
        switch (call.request) {
            case Request.Lock lock -> {
                removeConverted(call);
                if (isDone && call.abandoned) {
                    takeBack(call, voice, sink);
                } else if (isDone) {
                    put(call.key, call.range);
                } else if (call.weakened) {
                    lose(call.key, voice, sink);
                }
            }
            case Request.Unlock unlock -> {
                remove(call.key, call.range);
                if (!call.abandoned) {
                    removeLost(call.key, call.range);
                }
            }
            default -> {}
        }
        if (!call.abandoned) {
            sink.lockAnswered(call.id, answer.outcome(), answer.conflict());
        }
    }

    private void takeBack(Call call, Voice voice, ClientSink sink) {
        OwnedRanges own = held.get(call.key);
        if (own != null && own.overlaps(call.range)) {
            lose(call.key, voice, sink);
        } else {
            unlockAtMaster(call.key, call.range, voice).abandoned = true;
        }
    }

    /** The owner's locks on the file are not what it believes: it has none any more. */
    private void lose(Key key, Voice voice, ClientSink sink) {
        OwnedRanges own = held.remove(key);
        if (own != null) {
            ranges -= own.size();
            lost.put(key, own);
            sink.event(LeaseEvent.LOCK_LOST);
            sink.locksLost(key.object, key.owner, key.flock);
        }
        unlockAtMaster(key, LockRange.everything(key.owner, key.flock), voice).abandoned = true;
    }

    /** A flock of another mode is given up before the new one is taken, whatever becomes of that. */
    private void removeConverted(Call call) {
        OwnedRanges own = call.range.flock() ? held.get(call.key) : null;
        if (own != null && own.all().getFirst().exclusive() != call.range.exclusive()) {
            remove(call.key, call.range);
        }
    }

    private void put(Key key, LockRange range) {
        OwnedRanges own = held.computeIfAbsent(key, k -> new OwnedRanges());
        ranges -= own.size();
        own.put(range);
        ranges += own.size();
    }

    private void remove(Key key, LockRange range) {
        OwnedRanges own = held.get(key);
        if (own == null) {
            return;
        }
        ranges -= own.size();
        own.remove(range);
        ranges += own.size();
        if (own.isEmpty()) {
            held.remove(key);
        }
    }

    // Another master, and the end.

    /** Claims what is surely held; to be said before {@link Request.ClaimsDone}. */
    void claim(Voice voice) {
        for (Call call : calls.values()) {
            if (flaws.contains(Flaw.UNLOCKED_CLAIMED)) {
                break;
            }
            if (call.isUnlock()) {
                remove(call.key, call.range);
            } else if (call.request instanceof Request.Lock) {
                removeConverted(call);
                weaken(call);
            }
        }
        if (!flaws.contains(Flaw.LOCKS_NOT_CLAIMED)) {
            held.forEach((key, own) -> own.all().forEach(r -> voice.say(new Request.ClaimLock(key.object, r))));
        }
    }

    private void weaken(Call call) {
        OwnedRanges own = call.range.exclusive() ? null : held.get(call.key);
        if (own != null) {
            ranges -= own.size();
            call.weakened |= own.weaken(call.range);
            ranges += own.size();
        }
    }

    /** Asks again for what was not answered; to be said after {@link Request.ClaimsDone}. */
    void askAgain(Voice voice, ClientSink sink) {
        for (Call call : List.copyOf(calls.values())) {
            if (call.isUnlock() || !call.cancelled) {
                if (!flaws.contains(Flaw.LOCK_NOT_ASKED_AGAIN)) {
                    voice.say(call.request);
                }
                continue;
            }
            calls.remove(call.id);
            if (call.weakened) {
                lose(call.key, voice, sink);
            }
            if (!call.abandoned) {
                sink.lockAnswered(call.id, LockOutcome.CANCELLED, null);
            }
        }
    }

    /** The session is over, and with it all locks. */
    void end(ClientSink sink) {
        for (Call call : calls.values()) {
            if (call.isUnlock()) {
                remove(call.key, call.range);
            }
        }
        calls.clear();
        if (flaws.contains(Flaw.LOCKS_KEPT)) {
            return;
        }
        List<Map.Entry<Key, OwnedRanges>> all = new ArrayList<>(held.entrySet());
        held.clear();
        ranges = 0;
        for (Map.Entry<Key, OwnedRanges> e : all) {
            Key key = e.getKey();
            lost.put(key, e.getValue());
            sink.event(LeaseEvent.LOCK_LOST);
            sink.locksLost(key.object, key.owner, key.flock);
        }
    }

    /** Forgets everything, since nobody uses it any more. */
    void clear() {
        held.clear();
        lost.clear();
        calls.clear();
        ranges = 0;
    }

    /** What is in the way of a lock is its own session's. */
    boolean isOwn(ObjectId object, LockRange conflict) {
        return held.containsKey(Key.of(object, conflict));
    }
}
