package io.efc.nfs.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.nfs.NfsConfig;
import io.efc.nfs.NfsEntry;
import io.efc.nfs.NfsException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The way from the root of the server's pseudo file system to the export (RFC 8881 section 7.3); a failure names the component it stopped at. */
final class Nfs4PathWalk {
    /** Components looked up in one compound; sessions allow 16 operations and more. */
    private static final int COMPONENTS_MAX = 8;

    private final NfsConfig config;
    private final Nfs4Lease lease;

    Nfs4PathWalk(NfsConfig config, Nfs4Lease lease) {
        this.config = config;
        this.lease = lease;
    }

    NfsEntry walk() {
        List<byte[]> components = new ArrayList<>();
        for (String s : config.exportPath().split("/", -1)) {
            if (!s.isEmpty()) {
                components.add(s.getBytes(StandardCharsets.UTF_8));
            }
        }
        NfsEntry at = null;
        int done = 0;
        do {
            List<byte[]> some = components.subList(done, Math.min(components.size(), done + COMPONENTS_MAX));
            at = step(at, some);
            done += some.size();
        } while (done < components.size());
        if (!at.attr().isDirectory()) {
            throw new NfsException(Errno.ENOTDIR, "mounting " + config.location());
        }
        return at;
    }

    private NfsEntry step(@Nullable NfsEntry from, List<byte[]> components) {
        int[] results = new int[1];
        NfsEntry entry = lease.run(
                Credentials.ROOT,
                Nfs4Request.LOOKUP,
                true,
                c -> {
                    if (from == null) {
                        c.op(Nfs4.OP_PUTROOTFH);
                    } else {
                        c.putFh(from.handle());
                    }
                    for (byte[] component : components) {
                        c.named(Nfs4.OP_LOOKUP, component);
                    }
                    c.op(Nfs4.OP_GETFH, Nfs4Attributes.STAT);
                },
                c -> {
                    c.result(from == null ? Nfs4.OP_PUTROOTFH : Nfs4.OP_PUTFH);
                    for (int i = 0; i < components.size(); i++) {
                        c.result(Nfs4.OP_LOOKUP);
                    }
                    byte[] handle = Nfs4Attributes.handle(c.result(Nfs4.OP_GETFH));
                    return new NfsEntry(
                            handle, c.attributes(new Nfs4Attributes()).toAttr());
                },
                (status, attempt) -> {
                    throw refused(status, components, results[0] - 2);
                },
                c -> {
                    results[0] = c.resultsLeft();
                    return false;
                });
        return Objects.requireNonNull(entry);
    }

    /** The operations were: the start, one LOOKUP a component, GETFH, GETATTR; the last that the server executed is the {@code failed}th LOOKUP. */
    private NfsException refused(NfsStatus status, List<byte[]> components, int failed) {
        String what = "the server's root";
        if (failed >= 0 && !components.isEmpty()) {
            byte[] name = components.get(Math.min(failed, components.size() - 1));
            what = "'" + new String(name, StandardCharsets.UTF_8) + "'";
        }
        return new NfsException(
                status.errno(), "mounting " + config.location() + ": the server refuses " + what + " with " + status);
    }
}
