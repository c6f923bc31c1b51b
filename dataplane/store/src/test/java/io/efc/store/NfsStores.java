package io.efc.store;

import io.efc.testing.support.GaneshaOptions;
import io.efc.testing.support.GaneshaServer;
import java.util.HashMap;
import java.util.Map;

/** A real NFS server on a temporary tree, and stores that mount it. */
final class NfsStores {
    final LocalStores tree;
    final GaneshaServer server;

    NfsStores() throws Exception {
        this(Server.PLAIN);
    }

    /** How the server is set up. */
    enum Server {
        PLAIN,
        READ_ONLY,
        DENY_ALL,
        ROOT_SQUASH
    }

    NfsStores(Server kind) throws Exception {
        tree = new LocalStores("/dev/shm");
        GaneshaOptions options = GaneshaOptions.of(tree.directory).leaseSeconds(3);
        server = GaneshaServer.start(
                switch (kind) {
                    case PLAIN -> options;
                    case READ_ONLY -> options.readOnly();
                    case DENY_ALL -> options.denyAll();
                    case ROOT_SQUASH -> options.rootSquash();
                });
    }

    StoreConfig config(String version, Map<String, String> more) {
        Map<String, String> options = new HashMap<>(more);
        options.put("vers", version);
        options.putIfAbsent("port", Integer.toString(server.nfsPort()));
        if (version.equals("3")) {
            options.putIfAbsent("mountport", Integer.toString(server.mountPort()));
        }
        return new StoreConfig(server.mountPoint(), options, false);
    }

    UnderStore open(String version) {
        return Stores.open(config(version, Map.of("nconnect", "2")));
    }

    void stop() {
        try {
            server.stop();
        } finally {
            tree.delete();
        }
    }
}
