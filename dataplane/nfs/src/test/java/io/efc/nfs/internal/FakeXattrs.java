package io.efc.nfs.internal;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The fake server's extended attributes (RFC 8276 section 8.4), two names a page. */
final class FakeXattrs {
    private static final int PAGE = 2;

    private FakeXattrs() {}

    static void execute(int op, DataInputStream in, DataOutputStream out, Map<String, byte[]> all) throws IOException {
        switch (op) {
            case Nfs4.OP_GETXATTR -> {
                byte[] value = all.get(name(in));
                FakeNfs4Server.check(value != null, 10095);
                FakeNfs4Server.reply(out, java.util.Objects.requireNonNull(value));
            }
            case Nfs4.OP_SETXATTR -> {
                int option = in.readInt();
                String name = name(in);
                FakeNfs4Server.check(option != 1 || !all.containsKey(name), 17);
                FakeNfs4Server.check(option != 2 || all.containsKey(name), 10095);
                all.put(name, FakeNfs4Server.opaque(in));
                change(out);
            }
            case Nfs4.OP_LISTXATTRS -> list(in, out, List.copyOf(all.keySet()));
            case Nfs4.OP_REMOVEXATTR -> {
                FakeNfs4Server.check(all.remove(name(in)) != null, 10095);
                change(out);
            }
            default -> FakeNfs4Server.check(false, 10004);
        }
    }

    private static void list(DataInputStream in, DataOutputStream out, List<String> names) throws IOException {
        int from = (int) in.readLong();
        in.readInt();
        int to = Math.min(names.size(), from + PAGE);
        out.writeLong(to);
        out.writeInt(to - from);
        for (String n : names.subList(from, to)) {
            FakeNfs4Server.reply(out, n.getBytes(StandardCharsets.UTF_8));
        }
        out.writeInt(to == names.size() ? 1 : 0);
    }

    private static String name(DataInputStream in) throws IOException {
        return new String(FakeNfs4Server.opaque(in), StandardCharsets.UTF_8);
    }

    private static void change(DataOutputStream out) throws IOException {
        out.writeInt(1);
        out.writeLong(1);
        out.writeLong(2);
    }
}
