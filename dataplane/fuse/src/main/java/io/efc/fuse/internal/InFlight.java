package io.efc.fuse.internal;

import java.util.concurrent.CopyOnWriteArrayList;

/** All exchanges of a connection, to find the one that serves a request. Searched only by INTERRUPT and metrics: a request costs nothing here. */
final class InFlight {
    private final CopyOnWriteArrayList<Exchange> exchanges = new CopyOnWriteArrayList<>();

    void add(Exchange x) {
        exchanges.add(x);
    }

    void remove(Exchange x) {
        exchanges.remove(x);
    }

    /** Interrupts the thread that serves request {@code unique}; false if none does. */
    boolean interrupt(long unique) {
        for (Exchange x : exchanges) {
            if (x.interruption.interrupt(unique)) {
                return true;
            }
        }
        return false;
    }

    /** Interrupts every thread that serves a request. */
    void interruptAll() {
        for (Exchange x : exchanges) {
            x.interruption.interruptAny();
        }
    }

    /** Requests being served. */
    int count() {
        int n = 0;
        for (Exchange x : exchanges) {
            if (x.interruption.running()) {
                n++;
            }
        }
        return n;
    }
}
