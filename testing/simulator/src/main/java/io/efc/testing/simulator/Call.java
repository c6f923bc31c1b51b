package io.efc.testing.simulator;

import io.efc.lease.ObjectId;
import org.jspecify.annotations.Nullable;

/** A call of a client to the store: sent again until it is answered, executed once. */
final class Call {
    /** How the store answered. */
    interface Answer {
        /** @param refused the token was too old; the call was not executed */
        void arrived(Call call, long result, boolean refused, long token);
    }

    final Operation.Kind kind;
    final ObjectId object;
    final long a;
    final long b;
    final Answer then;
    /** When the store executed it, -1 if it has not. */
    long appliedAt = -1;

    long result;
    /** With which token it was sent last. */
    long token;
    /** With which token it was sent first: if with another one than last, it may have been executed, and undone by others, long ago. */
    long firstToken;
    /** When the last copy was sent, by the client's clock. */
    long sentNanos;
    /** Of a question: what of the object is cached when it is answered, 0 for nothing. */
    long mask;
    /** How often the object had been changed when the call was made. */
    int changes;
    /** Of a question: when it was asked first, by the client's clock. */
    long askedNanos;

    /** Something on the way to the store holds all copies until then, or as long as a copy can live. */
    long heldUntil;

    boolean isFlush;
    boolean isSent;
    boolean isAnswered;
    /** A flush whose lease died before the store had it: what it writes then is a write of its own, at some moment
     * since, for a later holder may have written over it without having seen it. */
    @Nullable
    String orphanOf;

    long orphanedAt;

    Call(Operation.Kind kind, ObjectId object, long a, long b, Answer then) {
        this.kind = kind;
        this.object = object;
        this.a = a;
        this.b = b;
        this.then = then;
    }

    /** The names that a change of a directory makes or takes away, a bit for each; 0 for a file. */
    long touches() {
        return switch (kind) {
            case READ, LIST, LOOKUP, WRITE -> 0;
            case CREATE, UNLINK -> 1L << a;
            case RENAME -> 1L << a | 1L << b;
        };
    }

    boolean isChange() {
        return switch (kind) {
            case READ, LIST, LOOKUP -> false;
            case WRITE, CREATE, UNLINK, RENAME -> true;
        };
    }
}
