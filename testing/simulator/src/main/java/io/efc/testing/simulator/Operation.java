package io.efc.testing.simulator;

/**
 * An operation of a history on one object.
 *
 * @param invoked when it began, in real time
 * @param answered when its answer was known
 * @param a its argument: a value, a name's index
 * @param b second argument: a new id, a second name
 * @param result what was answered
 */
record Operation(String by, Kind kind, long invoked, long answered, long a, long b, long result) {
    /** Operations of a register (a file's content) and of a directory's names. */
    enum Kind {
        READ,
        WRITE,
        LOOKUP,
        LIST,
        CREATE,
        UNLINK,
        RENAME
    }

    /** The state of an object after this operation, -1 if it cannot have had its result in {@code state}. */
    long apply(long state) {
        long then = then(state);
        return answer(state) == result ? then : -1;
    }

    /** What the operation answers in {@code state}: a value, an id, 0 or 1 for failed or done. */
    long answer(long state) {
        return switch (kind) {
            case READ, LIST -> state;
            case WRITE -> 1;
            case LOOKUP -> name(state, a);
            case CREATE -> name(state, a) == 0 ? 1 : 0;
            case UNLINK, RENAME -> name(state, a) != 0 ? 1 : 0;
        };
    }

    /** The state after the operation. */
    long then(long state) {
        return switch (kind) {
            case READ, LIST, LOOKUP -> state;
            case WRITE -> a;
            case CREATE -> name(state, a) == 0 ? with(state, a, b) : state;
            case UNLINK -> with(state, a, 0);
            case RENAME -> name(state, a) == 0 || a == b ? state : with(with(state, b, name(state, a)), a, 0);
        };
    }

    /** The id behind the name with this index, 0 if it is absent. */
    static long name(long state, long index) {
        return (state >>> (16 * index)) & 0xFFFF;
    }

    static long with(long state, long index, long id) {
        return (state & ~(0xFFFFL << (16 * index))) | (id << (16 * index));
    }
}
