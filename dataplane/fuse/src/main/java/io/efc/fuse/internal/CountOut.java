package io.efc.fuse.internal;

import io.efc.fuse.WriteReply;

/** A count or a position, before it is put into the struct of its operation. */
final class CountOut implements WriteReply {
    private long value;

    @Override
    public void value(long newValue) {
        value = newValue;
    }

    long get() {
        return value;
    }
}
