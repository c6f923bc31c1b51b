package io.efc.nfs.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The byte ranges that one lock owner holds, disjoint and ascending, as POSIX keeps them: a new lock replaces what it covers. Thread-safe. */
final class ByteRanges {
    /** Bytes {@code first} to {@code last}, both included; {@link Long#MAX_VALUE} is the end of every file. */
    record Range(long first, long last, boolean exclusive) {}

    private final List<Range> ranges = new ArrayList<>();

    /** The last byte of a range of {@code length} bytes; {@link Long#MAX_VALUE} means to the end. */
    static long last(long start, long length) {
        return length == Long.MAX_VALUE || length > Long.MAX_VALUE - start ? Long.MAX_VALUE : start + length - 1;
    }

    synchronized boolean isEmpty() {
        return ranges.isEmpty();
    }

    /** A copy. */
    synchronized List<Range> all() {
        return List.copyOf(ranges);
    }

    synchronized void clear() {
        ranges.clear();
    }

    /** Adds a range; what it overlaps takes on its mode. */
    synchronized void add(long first, long last, boolean exclusive) {
        remove(first, last);
        ranges.add(new Range(first, last, exclusive));
        ranges.sort(Comparator.comparingLong(Range::first));
    }

    /** Takes a range away; what it cuts keeps its ends. */
    synchronized void remove(long first, long last) {
        List<Range> before = List.copyOf(ranges);
        ranges.clear();
        for (Range r : before) {
            if (r.last < first || r.first > last) {
                ranges.add(r);
                continue;
            }
            if (r.first < first) {
                ranges.add(new Range(r.first, first - 1, r.exclusive));
            }
            if (r.last > last) {
                ranges.add(new Range(last + 1, r.last, r.exclusive));
            }
        }
    }
}
