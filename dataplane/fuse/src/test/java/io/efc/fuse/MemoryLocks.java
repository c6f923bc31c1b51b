package io.efc.fuse;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The byte-range locks of a node; flock and fcntl locks do not see each other. Thread-safe. */
final class MemoryLocks {
    private static final int F_WRLCK = 1;
    private static final int F_UNLCK = 2;

    record Lock(long owner, long start, long end, int type, int pid, boolean flock) {
        boolean conflicts(Lock other) {
            return flock == other.flock
                    && owner != other.owner
                    && start <= other.end
                    && other.start <= end
                    && (type == F_WRLCK || other.type == F_WRLCK);
        }
    }

    private final List<Lock> held = new ArrayList<>();
    private int waiters;

    synchronized Optional<Lock> conflict(Lock wanted) {
        return held.stream().filter(wanted::conflicts).findFirst();
    }

    /** False if another owner is in the way. */
    synchronized boolean set(Lock wanted) {
        if (wanted.type != F_UNLCK && conflict(wanted).isPresent()) {
            return false;
        }
        List<Lock> rest = new ArrayList<>();
        for (Lock l : held) {
            if (l.owner != wanted.owner || l.flock != wanted.flock || l.start > wanted.end || l.end < wanted.start) {
                rest.add(l);
                continue;
            }
            if (l.start < wanted.start) {
                rest.add(new Lock(l.owner, l.start, wanted.start - 1, l.type, l.pid, l.flock));
            }
            if (l.end > wanted.end) {
                rest.add(new Lock(l.owner, wanted.end + 1, l.end, l.type, l.pid, l.flock));
            }
        }
        if (wanted.type != F_UNLCK) {
            rest.add(wanted);
        }
        held.clear();
        held.addAll(rest);
        notifyAll();
        return true;
    }

    /** Waits until it holds. */
    synchronized void await(Lock wanted) throws InterruptedException {
        while (!set(wanted)) {
            waiters++;
            notifyAll();
            try {
                wait();
            } finally {
                waiters--;
            }
        }
    }

    synchronized void awaitWaiter() throws InterruptedException {
        while (waiters == 0) {
            wait();
        }
    }

    synchronized int count() {
        return held.size();
    }
}
