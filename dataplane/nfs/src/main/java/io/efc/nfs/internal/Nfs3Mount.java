package io.efc.nfs.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.nfs.NfsConfig;
import io.efc.nfs.NfsException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * How an export's first handle is had: the MOUNT protocol (RFC 1813 appendix I), its port from the server's portmapper (RFC 1833) unless the mount
 * names it. The server's list of mounts, which UMNT would shorten, is advice for administrators that crashes falsify anyway: it is left alone.
 */
final class Nfs3Mount {
    /** MNTPATHLEN. */
    private static final int PATH_BYTES_MAX = 1024;

    private static final int FLAVORS_MAX = 64;
    private static final int AUTH_SYS = 1;

    private Nfs3Mount() {}

    /**
     * The root handle of the export.
     *
     * @throws NfsException ENOENT or EACCES as the server says, ECONNREFUSED, ETIMEDOUT … if it cannot be reached
     */
    static byte[] mount(NfsConfig config, RpcMetrics metrics) {
        int port = config.mountPort();
        if (port == 0) {
            port = portOf(config, metrics);
        }
        byte[] path = config.exportPath().getBytes(StandardCharsets.UTF_8);
        if (path.length > PATH_BYTES_MAX) {
            throw new NfsException(Errno.ENAMETOOLONG, "MNT " + config.exportPath());
        }
        return call(
                config,
                port,
                metrics,
                Nfs3.MOUNT_PROGRAM,
                Nfs3.MOUNT_VERSION,
                Nfs3.MOUNTPROC3_MNT,
                "MNT",
                w -> w.opaque(path),
                r -> root(config, r));
    }

    private static byte[] root(NfsConfig config, XdrReader r) {
        NfsStatus status = NfsStatus.of(r.i32());
        if (status != NfsStatus.OK) {
            throw new NfsException(status.errno(), "MNT " + config.exportPath() + ": " + status);
        }
        byte[] handle = Nfs3Codec.handle(r);
        int flavors = r.length(FLAVORS_MAX);
        boolean sys = flavors == 0;
        for (int i = 0; i < flavors; i++) {
            sys |= r.i32() == AUTH_SYS;
        }
        if (!sys) {
            throw new NfsException(Errno.EACCES, "MNT " + config.exportPath() + ": the server does not take AUTH_SYS");
        }
        return handle;
    }

    private static int portOf(NfsConfig config, RpcMetrics metrics) {
        int port;
        try {
            port = call(
                    config,
                    Nfs3.PORTMAP_PORT,
                    metrics,
                    Nfs3.PORTMAP_PROGRAM,
                    Nfs3.PORTMAP_VERSION,
                    Nfs3.PMAPPROC_GETPORT,
                    "GETPORT",
                    w -> {
                        w.i32(Nfs3.MOUNT_PROGRAM);
                        w.i32(Nfs3.MOUNT_VERSION);
                        w.i32(Nfs3.IPPROTO_TCP);
                        w.i32(0);
                    },
                    XdrReader::i32);
        } catch (NfsException e) {
            throw new NfsException(
                    e.errno(), "asking the server's portmapper for the MOUNT port (option mountport)", e);
        }
        if (port <= 0 || port > 65535) {
            throw new NfsException(
                    Errno.ECONNREFUSED, config.host() + " has no MOUNT service registered (option mountport)");
        }
        return port;
    }

    /** One call on a connection of its own, all within the connect timeout. */
    private static <T> T call(
            NfsConfig config,
            int port,
            RpcMetrics metrics,
            int program,
            int version,
            int procedure,
            String name,
            Nfs3Calls.Arguments arguments,
            Nfs3Calls.Results<T> results) {
        Duration bound = config.connectTimeout();
        NfsConfig bounded = config.withTimeouts(bound, bound, bound);
        try (RpcTransport transport = new RpcTransport(bounded, port, 1, metrics, c -> {})) {
            transport.connect(bound);
            RpcCall call = transport.begin(Credentials.ROOT, program, version, procedure, metrics.op(name));
            try {
                arguments.put(call.args());
                transport.call(call);
                if (call.outcome() != RpcOutcome.SUCCESS) {
                    throw new NfsException(call.outcome().errno(), name + ": " + call.outcome());
                }
                return results.take(call.reply());
            } catch (XdrException e) {
                throw new NfsException(Errno.EIO, name + ": a malformed reply: " + e.getMessage());
            } finally {
                transport.end(call);
            }
        }
    }
}
