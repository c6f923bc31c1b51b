package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.fuse.FuseName;
import io.efc.store.DirEntry;
import io.efc.store.DirPage;
import io.efc.store.StoreException;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The directories of which all names are known: a name that is not among them is absent, and the store is not asked for it. The kernel looks for a name
 * before it has it made, and programs look for files along their search paths.
 *
 * <p>A directory is listed when the store was asked for names that it does not have, and with no more requests than there were such names: listing at
 * most doubles the requests, however long the directory is and however often its lease goes. Names are kept as hashes under a seed of this process, and
 * stay when they are removed: a name that shares a hash, or was there once, costs a question.
 *
 * <p>What is known holds while the directory has been covered by a lease since before the listing, as {@link Freshness} has it. This client {@link #add
 * adds} each name that it had the store make. A request to make one that came back without an answer is a name too: it may be there.
 *
 * <p>All is guarded by the monitor, which is held over no call to the store; the leases' lock may be taken under it.
 */
final class Rosters {
    /** Names of one directory: 128 requests to list, two megabytes at most. */
    static final int NAMES_MAX = 1 << 16;

    /** Names of all directories: 32 MiB at most. */
    private static final int ALL_NAMES_MAX = 1 << 20;

    private static final int DIRECTORIES_MAX = 1 << 12;
    static final int PAGE_ENTRIES = 512;

    /** Names that are asked for in vain before a directory is listed. */
    static final int MISSES_LEAST = 2;

    private static final int SLOTS_LEAST = 16;
    private static final System.Logger LOG = System.getLogger(Rosters.class.getName());

    /** What is asked about directories, which are known by their nodes. */
    interface Source {
        /** Which file the node is. */
        long generation(long directory);

        /** A moment, before the store is asked. */
        long now();

        /** For how long the absence of a name may be believed that was found out at {@code askedAt}, in nanoseconds. */
        long negative(long directory, long askedAt);

        /** A page of {@value #PAGE_ENTRIES} names. */
        DirPage page(Credentials caller, long directory, long cookie, long verifier);
    }

    /** What is known of one directory. */
    private static final class Roster {
        private final long generation;
        private long[] slots = new long[SLOTS_LEAST];
        private int names;
        private int misses;
        private int dueAt = MISSES_LEAST;
        private boolean listing;

        /** When the listing began that has all names; UNKNOWN without one. */
        private long since = Freshness.UNKNOWN;

        private Roster(long generation) {
            this.generation = generation;
        }

        private boolean has(long hash) {
            return slots[slot(hash)] != 0;
        }

        /** Where the hash is, or would be. */
        private int slot(long hash) {
            int i = (int) hash & slots.length - 1;
            while (slots[i] != 0 && slots[i] != hash) {
                i = i + 1 & slots.length - 1;
            }
            return i;
        }

        /** Whether it is new. */
        private boolean add(long hash) {
            int i = slot(hash);
            if (slots[i] != 0) {
                return false;
            }
            slots[i] = hash;
            if (++names * 2 > slots.length) {
                long[] old = slots;
                slots = new long[old.length * 2];
                for (long h : old) {
                    if (h != 0) {
                        slots[slot(h)] = h;
                    }
                }
            }
            return true;
        }
    }

    private final Source source;
    private final long seed = ThreadLocalRandom.current().nextLong();
    private final LinkedHashMap<Long, Roster> rosters = new LinkedHashMap<>(64, 0.75f, true);
    private int names;

    Rosters(Source source) {
        this.source = source;
    }

    private long hash(byte[] name) {
        long hash = Hash.of(name, seed);
        return hash == 0 ? 1 : hash;
    }

    /** For how long it is known that {@code directory} has no {@code name}, in nanoseconds; 0 if it may have it. */
    long absent(long directory, FuseName name) {
        long since;
        synchronized (this) {
            Roster r = find(directory);
            if (r == null || r.since == Freshness.UNKNOWN || r.has(hash(name.toBytes()))) {
                return 0;
            }
            since = r.since;
        }
        return source.negative(directory, since);
    }

    private @Nullable Roster find(long directory) {
        Roster r = rosters.get(directory);
        return r != null && r.generation == source.generation(directory) ? r : null;
    }

    /** The store was asked to make {@code name} in {@code directory}, and it may be there now. */
    synchronized void add(long directory, FuseName name) {
        Roster r = find(directory);
        if (r != null && (r.listing || r.since != Freshness.UNKNOWN)) {
            add(directory, r, name.toBytes());
        }
    }

    private void add(long directory, Roster r, byte[] name) {
        if (!r.add(hash(name)) || rosters.get(directory) != r) {
            return;
        }
        names++;
        if (r.names > NAMES_MAX) {
            drop(directory);
        }
        bound();
    }

    /** Drops what was not used for longest. */
    private void bound() {
        while (names > ALL_NAMES_MAX || rosters.size() > DIRECTORIES_MAX) {
            drop(rosters.firstEntry().getKey());
        }
    }

    private void drop(long directory) {
        Roster r = rosters.remove(directory);
        names -= r == null ? 0 : r.names;
    }

    /** Names that are kept. */
    synchronized int names() {
        return names;
    }

    /** The store was asked for a name that {@code directory} does not have: lists it for {@code caller} if that is due. */
    void missed(Credentials caller, long directory) {
        Roster r;
        int pages;
        synchronized (this) {
            r = find(directory);
            if (r == null) {
                drop(directory);
                r = new Roster(source.generation(directory));
                rosters.put(directory, r);
                bound();
            }
            pages = ++r.misses;
            if (r.listing || pages < r.dueAt || isGood(directory, r)) {
                return;
            }
            names -= r.names;
            r.slots = new long[SLOTS_LEAST];
            r.names = 0;
            r.since = Freshness.UNKNOWN;
            r.listing = true;
        }
        long askedAt = source.now();
        boolean whole = false;
        try {
            whole = list(caller, directory, r, pages);
        } catch (StoreException e) {
            LOG.log(Level.DEBUG, "a directory is not listed: {0}", e.getMessage());
        } finally {
            synchronized (this) {
                r.listing = false;
                r.since = whole ? askedAt : Freshness.UNKNOWN;
                r.misses = whole ? 0 : r.misses;
                r.dueAt = whole ? MISSES_LEAST : Math.max(MISSES_LEAST, 2 * Math.min(r.misses, NAMES_MAX));
            }
        }
    }

    private boolean isGood(long directory, Roster r) {
        return r.since != Freshness.UNKNOWN && source.negative(directory, r.since) > 0;
    }

    private boolean list(Credentials caller, long directory, Roster r, int pages) {
        long cookie = 0;
        long verifier = 0;
        for (int i = 0; i < pages; i++) {
            DirPage page = source.page(caller, directory, cookie, verifier);
            List<DirEntry> entries = page.entries();
            synchronized (this) {
                entries.forEach(e -> add(directory, r, e.name()));
            }
            if (page.eof() || entries.isEmpty()) {
                return page.eof();
            }
            cookie = entries.getLast().cookie();
            verifier = page.verifier();
        }
        return false;
    }
}
