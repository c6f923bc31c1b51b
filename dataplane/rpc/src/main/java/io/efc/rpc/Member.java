package io.efc.rpc;

import io.efc.base.Check;
import java.util.ArrayList;
import java.util.List;

/**
 * A worker of the ring.
 *
 * @param id its name, the same after a restart: placement depends on it
 * @param node where it runs
 * @param address {@code host:port} for other nodes
 * @param unixPath its socket for this node's clients; empty if it has none
 * @param quota bytes it may hold: its weight in the ring
 */
public record Member(String id, String node, String address, String unixPath, long quota) {
    public Member {
        Check.argument(
                !id.isEmpty() && id.length() <= 100, "a member's id has %d characters, not 1 to 100", id.length());
        Check.argument(quota > 0, "a member's quota is %d", quota);
    }

    public void encode(Wire.Writer out) {
        out.string(id).string(node).string(address).string(unixPath).i64(quota);
    }

    public static Member decode(Wire.Reader in) {
        try {
            return new Member(in.string(), in.string(), in.string(), in.string(), in.i64());
        } catch (IllegalArgumentException e) {
            throw Wire.malformed(String.valueOf(e.getMessage()));
        }
    }

    /** A list of members behind its count. */
    public static void encodeAll(Wire.Writer out, List<Member> members) {
        out.count(members.size());
        members.forEach(m -> m.encode(out));
    }

    public static List<Member> decodeAll(Wire.Reader in) {
        List<Member> members = new ArrayList<>();
        for (int i = in.count(); i > 0; i--) {
            members.add(decode(in));
        }
        return members;
    }
}
