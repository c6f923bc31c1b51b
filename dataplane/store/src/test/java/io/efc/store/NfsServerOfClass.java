package io.efc.store;

import org.jspecify.annotations.Nullable;

/** The server of one test class, started by its first use. */
final class NfsServerOfClass {
    private final String version;
    private @Nullable NfsStores stores;

    NfsServerOfClass(String version) {
        this.version = version;
    }

    UnderStore open() throws Exception {
        NfsStores started = new NfsStores();
        stores = started;
        try {
            return started.open(version);
        } catch (RuntimeException e) {
            started.stop();
            throw e;
        }
    }

    void stop() {
        if (stores != null) {
            stores.stop();
        }
    }
}
