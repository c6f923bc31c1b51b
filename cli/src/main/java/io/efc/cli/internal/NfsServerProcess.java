package io.efc.cli.internal;

import io.efc.base.Metrics;
import io.efc.testing.support.GaneshaOptions;
import io.efc.testing.support.GaneshaServer;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code efc nfs-server}: keeps the example NFS server, a real one (nfs-ganesha), until told to end. */
@Command(name = "nfs-server", hidden = true, description = "Run an NFS server (nfs-ganesha) that exports a directory.")
final class NfsServerProcess implements Callable<Integer> {
    @Mixin
    private ProcessOptions process = new ProcessOptions();

    @Option(names = "--directory", required = true, description = "What is exported.")
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Option(names = "--state", required = true, description = "Where its own files go.")
    @SuppressWarnings("NullAway.Init")
    private Path state;

    @Option(names = "--export", description = "The export's path for clients.", defaultValue = "/export")
    private String export = "/export";

    @Option(names = "--port", required = true, description = "NFS's port on 127.0.0.1.")
    private int port;

    @Option(names = "--v3", description = "Serve NFSv3 too; needs rpcbind.")
    private boolean v3;

    @Override
    public Integer call() {
        LogSetup.process();
        GaneshaOptions options =
                GaneshaOptions.of(directory).state(state).pseudo(export).ports(port, 0);
        GaneshaServer server = start(v3 ? options : options.onlyV4());
        Metrics metrics = new Metrics();
        metrics.gauge("efc_nfs_server_up", "1 while the NFS server runs.", () -> server.isAlive() ? 1 : 0);
        return process.serve(
                "127.0.0.1:" + server.nfsPort(),
                metrics,
                () -> server.isAlive() ? "" : "the NFS server has ended",
                new CountDownLatch(1),
                server::stop);
    }

    private static GaneshaServer start(GaneshaOptions options) {
        try {
            return GaneshaServer.start(options);
        } catch (IllegalStateException e) {
            throw new Failure(String.valueOf(e.getMessage()), e);
        }
    }
}
