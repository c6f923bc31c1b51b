package io.efc.cli.internal;

import io.efc.base.ByteSize;
import io.efc.base.Metrics;
import io.efc.cache.Medium;
import io.efc.cache.TierConfig;
import io.efc.client.ClientConfig;
import io.efc.client.ClientMount;
import io.efc.fuse.FuseConfig;
import io.efc.master.Master;
import io.efc.master.MasterConfig;
import io.efc.rpc.Address;
import io.efc.rpc.MountSpec;
import io.efc.rpc.Secret;
import io.efc.store.StoreConfig;
import io.efc.testing.support.GaneshaOptions;
import io.efc.testing.support.GaneshaServer;
import io.efc.worker.WorkerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A whole cluster in this process, for some seconds: NFS server, master, two workers, a mount on the node of each, and a child process that
 * reads and writes there. The start-up cache keeps what the JVM learns from it (JEP 515), so that a new client or worker compiles its data
 * path at its first requests instead of after ten thousand of them.
 */
final class Rehearsal implements AutoCloseable {
    private static final String RUNTIME = "default/rehearsal";
    private static final long LIMIT_SECONDS = 60;
    private static final ByteSize QUOTA = ByteSize.ofMiB(256);

    /** Large and small files, cold by mount a and warm by mount b; random reads; names made, changed and removed. */
    private static final String SCRIPT = """
            set -e
            for i in 1 2 3; do
              dd if=a/big$i of=/dev/null bs=1M 2>/dev/null
              dd if=b/big$i of=/dev/null bs=1M 2>/dev/null
            done
            n=0
            while [ $n -lt 300 ]; do
              dd if=a/cold of=/dev/null bs=4k count=1 skip=$((n * 769 % 4096)) 2>/dev/null
              n=$((n + 1))
            done
            ls -lR a >/dev/null
            cat a/small/* b/small/* >/dev/null
            mkdir a/made
            cp -r a/small a/made/copy
            dd if=/dev/zero of=a/made/zero bs=64k count=256 2>/dev/null
            for f in a/made/copy/*; do mv $f $f.new; done
            ls -lR b >/dev/null
            rm -r b/made
            """;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final Path directory;

    private Rehearsal(Path directory) {
        this.directory = directory;
        parts.push(() -> Teardown.removeTree(directory));
    }

    /** Why it cannot be had on this machine, or empty. */
    static Optional<String> obstacle() {
        if (RunDirectory.uid() != 0) {
            return Optional.of("only root mounts");
        }
        if (!Files.isWritable(Path.of("/dev/fuse"))) {
            return Optional.of("there is no /dev/fuse");
        }
        return Packages.find("ganesha.nfsd").isPresent()
                ? Optional.empty()
                : Optional.of("nfs-ganesha is not installed");
    }

    /**
     * Plays it; whatever comes of it, nothing stays mounted or running.
     *
     * @throws IOException if there is no room for its files
     */
    static void play() throws IOException {
        Path base = Path.of(Files.isWritable(Path.of("/dev/shm")) ? "/dev/shm" : "/tmp");
        Rehearsal rehearsal = new Rehearsal(Files.createTempDirectory(base, "efc-rehearsal-"));
        Thread interrupted = new Thread(rehearsal::close, "interrupted");
        Runtime.getRuntime().addShutdownHook(interrupted);
        try (rehearsal) {
            rehearsal.start();
            rehearsal.work();
        } finally {
            Runtime.getRuntime().removeShutdownHook(interrupted);
        }
    }

    private void start() throws IOException {
        Path export = directory.resolve("export");
        Files.createDirectories(export.resolve("small"));
        byte[] some = new byte[1 << 20];
        for (String name : List.of("big1", "big2", "big3", "cold")) {
            try (var out = Files.newOutputStream(export.resolve(name))) {
                for (int i = 0; i < 48; i++) {
                    some[i] = (byte) i;
                    out.write(some);
                }
            }
        }
        for (int i = 0; i < 400; i++) {
            Files.write(export.resolve("small/f" + i), new byte[4096]);
        }
        GaneshaServer server =
                keep(GaneshaServer.start(GaneshaOptions.of(export).onlyV4()));
        StoreConfig store = new StoreConfig(
                "nfs://127.0.0.1:/export", Map.of("port", Integer.toString(server.nfsPort()), "nconnect", "2"), false);
        Path secretFile = directory.resolve("secret");
        Secrets.generate(secretFile);
        Secret secret = Secrets.read(secretFile);
        long number = StoreOptions.number(RUNTIME);
        MountSpec mount = new MountSpec("efc", "/", store.mountPoint(), store.options(), false);
        Master master = keep(Master.start(
                MasterConfig.of(
                        RUNTIME,
                        number,
                        HostPort.parse("127.0.0.1:0"),
                        directory.resolve("master"),
                        secret,
                        List.of(mount)),
                new Metrics()));
        for (String node : List.of("a", "b")) {
            worker(node, master.address(), secret, number);
        }
        for (String node : List.of("a", "b")) {
            mount(node, HostPort.text(master.address()), secretFile, store);
        }
    }

    private void worker(String node, Address master, Secret secret, long number) {
        TierConfig tier = new TierConfig(Medium.MEM, directory.resolve("tier-" + node), QUOTA);
        keep(WorkerProcess.start(
                WorkerConfig.of(
                        "worker-" + node,
                        node,
                        master,
                        secret,
                        number,
                        HostPort.parse("127.0.0.1:0"),
                        directory.resolve(node + ".sock"),
                        List.of(tier)),
                new Metrics()));
    }

    private void mount(String node, String master, Path secretFile, StoreConfig store) throws IOException {
        ClientConfig.Cluster cluster =
                new ClientConfig.Cluster(HostPort.socket(master), Secrets.bytes(secretFile), node);
        keep(ClientMount.start(
                new ClientConfig(
                        Files.createDirectory(directory.resolve(node)),
                        "rehearsal",
                        StoreOptions.number(RUNTIME),
                        List.of(new ClientConfig.Mount("/", store)),
                        FuseConfig.defaults("efc:rehearsal"),
                        ClientConfig.Strong.DEFAULT,
                        ClientConfig.Readahead.DEFAULT,
                        ClientConfig.Writeback.DEFAULT,
                        Optional.empty(),
                        directory.resolve("state-" + node),
                        ClientConfig.INODES_MAX,
                        Optional.of(cluster)),
                new Metrics()));
    }

    private <T extends AutoCloseable> T keep(T part) {
        synchronized (parts) {
            parts.push(part);
        }
        return part;
    }

    /** In a child: a process never touches its own mount. */
    private void work() throws IOException {
        Process work = new ProcessBuilder("sh", "-c", SCRIPT)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("out").toFile())
                .start();
        try {
            if (!work.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new Failure("the rehearsal took more than " + LIMIT_SECONDS + " s");
            }
            if (work.exitValue() != 0) {
                throw new Failure("the rehearsal failed: "
                        + Files.readString(directory.resolve("out")).strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            work.destroyForcibly();
        }
    }

    @Override
    public void close() {
        while (true) {
            AutoCloseable part;
            synchronized (parts) {
                part = parts.poll();
            }
            if (part == null) {
                return;
            }
            try {
                part.close();
            } catch (Exception e) {
                System.getLogger("io.efc.cli").log(System.Logger.Level.WARNING, "the rehearsal did not end cleanly", e);
            }
        }
    }
}
