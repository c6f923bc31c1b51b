package io.efc.testing.support;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real NFS server: Debian's nfs-ganesha with its VFS back end, serving one directory on 127.0.0.1 by NFSv3, 4.1 and 4.2.
 *
 * <p>Its configuration, log, pid file and recovery data lie in a state directory of its own. Unless {@link GaneshaOptions#outlivingProcess} is
 * set the server ends with this JVM. Not safe for several threads, except {@link #kill}.
 */
public final class GaneshaServer implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final int LOG_TAIL_LINES = 12;
    private static final int NFS_PROGRAM = 100003;
    private static final int MOUNT_PROGRAM = 100005;

    private final GaneshaOptions options;
    private final Path state;
    private final int nfsPort;
    private final int mountPort;
    private final int lockPort;
    private final Thread hook = new Thread(this::killQuietly, "ganesha-at-exit");
    private @Nullable Process process;
    private boolean holdsRpcbind;
    private long epoch;

    private GaneshaServer(GaneshaOptions options) {
        this.options = options;
        try {
            Path given = options.state;
            this.state = given == null ? Files.createTempDirectory(Path.of("/tmp"), "efc-ganesha-") : given;
            Files.createDirectories(state.resolve("recovery"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the NFS server's state directory", e);
        }
        this.nfsPort = options.nfsPort == 0 ? Ports.free() : options.nfsPort;
        this.mountPort = options.mountPort == 0 ? Ports.free() : options.mountPort;
        this.lockPort = Ports.free();
    }

    /** Serves {@code directory} as {@code /export} on free ports, read-write. */
    public static GaneshaServer start(Path directory) {
        return start(GaneshaOptions.of(directory));
    }

    /**
     * Starts a server and returns when it answers.
     *
     * @throws IllegalStateException if it cannot: the port or directory that is to blame, or the end of its log
     */
    public static GaneshaServer start(GaneshaOptions options) {
        if (!Files.isDirectory(options.directory)) {
            throw new IllegalStateException(
                    "the NFS server cannot serve " + options.directory + ": it is not a directory");
        }
        for (int port : new int[] {options.nfsPort, options.mountPort}) {
            if (port != 0 && !Ports.isFree(port)) {
                throw new IllegalStateException("the NFS server cannot use port " + port + ": it is in use");
            }
        }
        GaneshaServer server = new GaneshaServer(options);
        if (!options.outlivesProcess) {
            Runtime.getRuntime().addShutdownHook(server.hook);
        }
        server.launch(true);
        return server;
    }

    /** Ends the server whose state directory this is, whoever started it; false if none runs. */
    public static boolean stopLeftover(Path state) {
        boolean ended = leftover(state).map(p -> end(p, false)).orElse(false);
        Rpcbind.sweep();
        return ended;
    }

    /** The running server whose state directory this is. */
    public static Optional<ProcessHandle> leftover(Path state) {
        try {
            long pid = Long.parseLong(
                    Files.readString(state.resolve("ganesha.pid")).strip());
            return ProcessHandle.of(pid)
                    .filter(p -> p.info().command().orElse("").endsWith("ganesha.nfsd"))
                    .filter(ProcessHandle::isAlive);
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    public int nfsPort() {
        return nfsPort;
    }

    public int mountPort() {
        return mountPort;
    }

    /** NLM's. */
    public int lockPort() {
        return lockPort;
    }

    /** What the server serves. */
    public Path directory() {
        return options.directory;
    }

    /** The export's path for clients. */
    public String pseudo() {
        return options.pseudo;
    }

    public Path stateDirectory() {
        return state;
    }

    /** {@code nfs://127.0.0.1/export}; the ports are options: {@link #nfsPort}, {@link #mountPort}. */
    public String mountPoint() {
        return "nfs://127.0.0.1:" + options.pseudo;
    }

    public long pid() {
        return running().pid();
    }

    public boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** Ends the server at once, as a crash does: SIGKILL. Its clients' state stays in the recovery directory. */
    public synchronized void kill() {
        end(running().toHandle(), true);
    }

    /** Freezes the server (SIGSTOP) or lets it go on (SIGCONT): requests hang, connections stay. */
    public void freeze(boolean on) {
        run(List.of("kill", on ? "-STOP" : "-CONT", Long.toString(pid())));
        Waiting.until(
                "the NFS server's threads " + (on ? "stand still" : "go on"), START_LIMIT, () -> on == isStopped());
    }

    /** The state letter follows the name in parentheses: proc(5). */
    private boolean isStopped() {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid() + "/stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'T';
        } catch (IOException e) {
            throw new UncheckedIOException("the NFS server has ended", e);
        }
    }

    /** Ends the server if it runs and starts it again on the same ports with the same recovery data; clients may reclaim for a lease time. */
    public synchronized void restart() {
        if (isAlive()) {
            end(running().toHandle(), false);
        }
        launch(false);
    }

    /** Ends the server and forgets its state. */
    public synchronized void stop() {
        if (process != null && process.isAlive()) {
            end(process.toHandle(), false);
        }
        if (holdsRpcbind) {
            holdsRpcbind = false;
            Rpcbind.release();
        }
        if (!options.outlivesProcess) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                return; // The JVM is ending: the hook is running or has run.
            }
        }
        if (options.state == null) {
            deleteTree(state);
        }
    }

    @Override
    public void close() {
        stop();
    }

    /** The last lines of the server's log. */
    public String logTail() {
        return logLines(line -> true);
    }

    private String logLines(Predicate<String> wanted) {
        try (Stream<String> all = Files.lines(state.resolve("ganesha.log"), StandardCharsets.ISO_8859_1)) {
            List<String> lines = all.filter(wanted).toList();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()));
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the NFS server's log", e);
        }
    }

    private Process running() {
        Process p = process;
        if (p == null) {
            throw new IllegalStateException("the NFS server was not started");
        }
        return p;
    }

    private void launch(boolean first) {
        Path program = Tools.require("ganesha.nfsd");
        try {
            if (options.v3 && !holdsRpcbind) {
                Rpcbind.acquire();
                holdsRpcbind = true;
            }
            Path config = state.resolve("ganesha.conf");
            Files.writeString(config, configuration(first));
            ProcessBuilder builder = new ProcessBuilder(
                    program.toString(),
                    "-F",
                    "-f",
                    config.toString(),
                    "-L",
                    state.resolve("ganesha.log").toString(),
                    "-E",
                    Long.toString(nextEpoch()),
                    "-p",
                    state.resolve("ganesha.pid").toString());
            builder.redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            state.resolve("ganesha.out").toFile()))
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
            if (options.v3) {
                Rpcbind.register(() -> start(builder));
            } else {
                start(builder);
            }
            String refused = logLines(line -> line.contains(":CONFIG :CRIT"));
            if (!refused.isEmpty()) {
                throw new IllegalStateException("it does not accept its configuration:\n" + refused + "\n");
            }
        } catch (IOException | UncheckedIOException | IllegalStateException e) {
            String log = logTail();
            if (process != null) {
                end(process.toHandle(), true);
            }
            stop();
            throw new IllegalStateException(
                    "the NFS server does not start: " + e.getMessage() + "; its log says:\n" + log, e);
        }
    }

    private void start(ProcessBuilder builder) {
        Process started;
        try {
            started = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        process = started;
        Waiting.until("the NFS server answers on port " + nfsPort, START_LIMIT, () -> {
            if (!started.isAlive()) {
                throw new IllegalStateException("it ended with exit code " + started.exitValue());
            }
            return answers(nfsPort, NFS_PROGRAM, 4) && (!options.v3 || answers(mountPort, MOUNT_PROGRAM, 3));
        });
    }

    /**
     * The number from which the server makes its write verifier and its client ids. By default the time in seconds, so that a server that is back
     * within the same second would go for the one that died: clients would not send again what it lost.
     */
    private long nextEpoch() {
        epoch = Math.max(epoch + 1, System.currentTimeMillis() / 1000);
        return epoch;
    }

    /** The first start has no clients to wait for; after a restart they get a lease time to reclaim their state. */
    private String configuration(boolean first) {
        String access = options.denyAll ? "NONE" : options.readOnly ? "RO" : "RW";
        return """
                NFS_CORE_PARAM {
                  NFS_Port = %d; MNT_Port = %d; NLM_Port = %d;
                  Bind_addr = 127.0.0.1;
                  Protocols = %s;
                  mount_path_pseudo = true;
                  Enable_UDP = false;
                  Enable_RQUOTA = false;
                  Clustered = false;
                }
                NFSv4 {
                  Graceless = %b; Grace_Period = %d; Lease_Lifetime = %d;
                  RecoveryBackend = fs; RecoveryRoot = "%s";
                  Only_Numeric_Owners = true; Allow_Numeric_Owners = true;
                  Minor_Versions = 1, 2; Delegations = false;
                }
                NFS_KRB5 { Active_krb5 = false; }
                EXPORT {
                  Export_Id = 1; Path = "%s"; Pseudo = "%s";
                  Protocols = %s; Transports = TCP; SecType = sys;
                  Access_Type = %s; Squash = %s; Attr_Expiration_Time = %d;
                  FSAL { Name = VFS; }
                }
                LOG { Default_Log_Level = EVENT; }
                """.formatted(
                        nfsPort,
                        mountPort,
                        lockPort,
                        options.v3 ? "3, 4" : "4",
                        first,
                        options.leaseSeconds,
                        options.leaseSeconds,
                        state.resolve("recovery"),
                        options.directory,
                        options.pseudo,
                        options.v3 ? "3, 4" : "4",
                        access,
                        options.rootSquash ? "root_squash" : "no_root_squash",
                        options.attributeSeconds);
    }

    /** Sends the program's NULL call (RFC 5531) and waits for an accepted reply. */
    private static boolean answers(int port, int program, int version) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            socket.setSoTimeout(2000);
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
            for (int word : new int[] {0x80000000 | 40, 1, 0, 2, program, version, 0, 0, 0, 0, 0}) {
                out.writeInt(word);
            }
            out.flush();
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] reply = in.readNBytes(16); // Record mark, xid, REPLY, MSG_ACCEPTED.
            return reply.length == 16 && reply[11] == 1 && reply[15] == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean end(ProcessHandle process, boolean atOnce) {
        if (!atOnce) {
            process.destroy();
            if (exited(process, 10)) {
                return true;
            }
        }
        process.destroyForcibly();
        return exited(process, 10);
    }

    private static boolean exited(ProcessHandle process, int seconds) {
        try {
            process.onExit().get(seconds, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot wait for process " + process.pid(), e);
        }
    }

    private void killQuietly() {
        if (process != null) {
            process.destroyForcibly();
        }
        if (holdsRpcbind) {
            holdsRpcbind = false;
            Rpcbind.release();
        }
        if (options.state == null) {
            deleteTree(state);
        }
    }

    private static void run(List<String> command) {
        try {
            int code = new ProcessBuilder(command).inheritIO().start().waitFor();
            if (code != 0) {
                throw new IllegalStateException(command + " failed with exit code " + code);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static void deleteTree(Path root) {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> files = Files.walk(root)) {
            files.sorted(Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + root, e);
        }
    }
}
