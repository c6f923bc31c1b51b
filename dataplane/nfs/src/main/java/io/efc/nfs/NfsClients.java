package io.efc.nfs;

import io.efc.base.Metrics;
import io.efc.nfs.internal.Nfs3Client;
import io.efc.nfs.internal.Nfs4Client;

/** Opens clients. */
public final class NfsClients {
    private NfsClients() {}

    /**
     * Mounts an export.
     *
     * @throws NfsException ECONNREFUSED, ETIMEDOUT or EHOSTUNREACH if the server cannot be reached within {@link NfsConfig#connectTimeout}, ENOENT
     *     naming the component of the export's path that is not there, EACCES if the server refuses, EOPNOTSUPP if it does not speak the version
     */
    public static NfsClient connect(NfsConfig config, Metrics metrics) {
        return switch (config.version()) {
            case V4_1 -> Nfs4Client.mount(config, metrics);
            case V3 -> Nfs3Client.mount(config, metrics);
        };
    }
}
