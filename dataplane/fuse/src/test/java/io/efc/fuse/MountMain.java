package io.efc.fuse;

import io.efc.base.Metrics;
import java.nio.file.Path;

/** A process that serves a {@link MemoryFileSystem}: arguments mount point. Prints READY, ends with the mount. */
final class MountMain {
    private MountMain() {}

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws InterruptedException {
        FuseServer server = FuseServer.mount(
                FuseConfig.defaults("memory"), Path.of(args[0]), new MemoryFileSystem(), new Metrics());
        System.out.println("READY");
        server.awaitEnd();
        server.close();
    }
}
