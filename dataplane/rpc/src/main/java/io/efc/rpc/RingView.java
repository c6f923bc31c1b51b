package io.efc.rpc;

import java.util.List;

/**
 * The workers at one epoch: the body of RING.
 *
 * @param epoch grows with every change and never goes back
 * @param members in the order of their ids
 */
public record RingView(long epoch, List<Member> members) {
    /** Before anything was heard of the master. */
    public static final RingView NONE = new RingView(0, List.of());

    public RingView {
        members = List.copyOf(members);
    }

    public void encode(Wire.Writer out) {
        out.i64(epoch);
        Member.encodeAll(out, members);
    }

    public static RingView decode(Wire.Reader in) {
        return new RingView(in.i64(), Member.decodeAll(in));
    }
}
