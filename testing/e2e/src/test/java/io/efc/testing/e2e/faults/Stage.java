package io.efc.testing.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.testing.support.GaneshaOptions;
import io.efc.testing.support.GaneshaServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/** A real NFS server and what EFC runs in front of it, in directories of their own; all of it goes at the end, also after a failure. */
final class Stage implements AutoCloseable {
    private static final long COMMAND_SECONDS_MAX = 180;

    private final Path launcher = Path.of(System.getProperty("efc.launcher", "../../efc"))
            .toAbsolutePath()
            .normalize();
    private final Path root;
    private final Path export;
    private final GaneshaServer server;

    /** A server with an empty export. */
    Stage() {
        try {
            root = Files.createTempDirectory(Path.of("/tmp"), "efc-faults-");
            export = Files.createDirectory(root.resolve("export"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server = GaneshaServer.start(GaneshaOptions.of(export));
    }

    GaneshaServer server() {
        return server;
    }

    /** What the server serves, reached straight. */
    Path export() {
        return export;
    }

    /** A directory on the local disk. */
    Path directory(String name) {
        try {
            return Files.createDirectory(root.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Mounts the export without a cluster. */
    Path mount(String version) {
        Path target = directory("mnt-" + version);
        String ports = "port=" + server.nfsPort() + (version.equals("3") ? ",mountport=" + server.mountPort() : "");
        efc("mount", server.mountPoint(), target.toString(), "-o", "vers=" + version + "," + ports + ",nconnect=2");
        return target;
    }

    void unmount(Path target) {
        efc("umount", target.toString());
    }

    /** Starts a master, workers and two mounts. */
    void up(int workers, String quota) {
        try {
            Path manifest =
                    Files.writeString(root.resolve("stage.yaml"), """
                    apiVersion: data.fluid.io/v1alpha1
                    kind: Dataset
                    metadata: {name: faults}
                    spec:
                      mounts:
                        - {mountPoint: "nfs://127.0.0.1:/export", name: efc, path: "/", options: {port: "%d", nconnect: "2"}}
                    ---
                    apiVersion: data.fluid.io/v1alpha1
                    kind: EFCRuntime
                    metadata: {name: faults}
                    spec:
                      replicas: %d
                      tieredstore: {levels: [{mediumtype: MEM, path: /dev/shm, quota: %s}]}
                    """.formatted(server.nfsPort(), workers, quota));
            efc("up", "-f", manifest.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The processes of one kind, in order. */
    List<Member> members(String component) {
        try (Stream<Path> files = Files.list(root.resolve("home/run"))) {
            return files.filter(f -> f.toString().endsWith(".json"))
                    .map(Member::read)
                    .filter(m -> m.component().equals(component))
                    .sorted(Comparator.comparing(Member::name))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the n-th client is mounted, 1 or 2. */
    Path mountOf(int client) {
        return Path.of(members("client").get(client - 1).address());
    }

    /** Runs the launcher to a good end. */
    String efc(String... arguments) {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        return run(command);
    }

    /** Runs a shell script with {@code $M} and {@code $W}: a mount and a local directory. */
    String script(Path mount, Path work, String text) {
        return run(List.of("bash", "-euo", "pipefail", "-c", "M='" + mount + "' W='" + work + "'\n" + text));
    }

    private String run(List<String> command) {
        Path output = root.resolve("output-" + System.nanoTime());
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(root.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().put("EFC_HOME", root.resolve("home").toString());
            builder.environment().put("EFC_NO_BUILD", "1");
            Process process = builder.start();
            boolean ended = process.waitFor(COMMAND_SECONDS_MAX, TimeUnit.SECONDS);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            String said = Files.readString(output);
            assertThat(ended).as("%s took too long: %s", command, said).isTrue();
            assertThat(process.exitValue()).as("%s: %s", command, said).isZero();
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Writes {@code mebibytes} of random bytes; their checksum. */
    static long write(Path file, int mebibytes, long seed) {
        byte[] block = new byte[1 << 20];
        SplittableRandom random = new SplittableRandom(seed);
        CRC32C crc = new CRC32C();
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < mebibytes; i++) {
                random.nextBytes(block);
                crc.update(block);
                out.write(block);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return crc.getValue();
    }

    /** The checksum of a file's bytes, read from its start to its end. */
    static long read(Path file) {
        return read(file, at -> {});
    }

    /** As {@link #read(Path)}; {@code reached} is told after each mebibyte. */
    static long read(Path file, java.util.function.IntConsumer reached) {
        byte[] block = new byte[1 << 20];
        CRC32C crc = new CRC32C();
        try (InputStream in = Files.newInputStream(file)) {
            int mebibytes = 0;
            for (int n = in.readNBytes(block, 0, block.length); n > 0; n = in.readNBytes(block, 0, block.length)) {
                crc.update(block, 0, n);
                reached.accept(++mebibytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return crc.getValue();
    }

    /** Takes clean pages out of the kernel, so that the next read comes to the client. */
    static void dropCaches() {
        try {
            Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            if (Files.exists(root.resolve("home"))) {
                efc("down");
            }
        } finally {
            try {
                server.close();
            } finally {
                for (String line : mountsBelow(root)) {
                    new Lazy(line).unmount();
                }
                remove(root);
            }
        }
        assertThat(mountsBelow(root)).isEmpty();
    }

    private static List<String> mountsBelow(Path root) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/mounts"))) {
            return lines.map(l -> l.split(" ", -1)[1])
                    .filter(p -> p.startsWith(root + "/"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(Path root) {
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The last resort for a mount whose server is gone. */
    private record Lazy(String target) {
        void unmount() {
            try {
                new ProcessBuilder("umount", "-l", target).start().waitFor();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
