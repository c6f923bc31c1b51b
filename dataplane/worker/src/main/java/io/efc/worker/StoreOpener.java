package io.efc.worker;

import io.efc.rpc.MountSpec;
import io.efc.store.UnderStore;

/** Opens a dataset's mount; throws {@link io.efc.store.StoreException} if it cannot. */
@FunctionalInterface
public interface StoreOpener {
    UnderStore open(MountSpec mount);
}
