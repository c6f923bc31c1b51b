package io.efc.worker.internal;

import io.efc.base.Errno;
import io.efc.rpc.MountSpec;
import io.efc.store.StoreException;
import io.efc.store.UnderStore;
import io.efc.worker.StoreOpener;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The dataset's stores, each opened when first read from. A store that could not be opened is tried again by the next read. */
public final class Mounts implements AutoCloseable {
    private final List<MountSpec> specs;
    private final StoreOpener opener;
    private final Object[] locks;
    private final @Nullable UnderStore[] stores;
    private volatile boolean closed;

    public Mounts(List<MountSpec> specs, StoreOpener opener) {
        this.specs = specs;
        this.opener = opener;
        this.stores = new UnderStore[specs.size()];
        this.locks = new Object[specs.size()];
        for (int i = 0; i < locks.length; i++) {
            locks[i] = new Object();
        }
    }

    /** The store of a mount; EINVAL for a number that the dataset does not have. */
    public UnderStore store(int mount) {
        if (mount < 0 || mount >= locks.length) {
            throw new StoreException(Errno.EINVAL, "mount " + mount + " of " + locks.length);
        }
        synchronized (locks[mount]) {
            if (closed) {
                throw new StoreException(Errno.ECANCELED, "the worker is going away");
            }
            UnderStore store = stores[mount];
            if (store == null) {
                store = opener.open(specs.get(mount));
                stores[mount] = store;
            }
            return store;
        }
    }

    @Override
    public void close() {
        closed = true;
        for (int i = 0; i < locks.length; i++) {
            synchronized (locks[i]) {
                UnderStore store = stores[i];
                if (store != null) {
                    store.close();
                }
            }
        }
    }
}
