package io.efc.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How mounts begin and end: refusals, unmount, busy, abort. */
class MountEndIT {
    private static final Path FOLDER = ServerProcess.freshFolder("end");
    private static final Path MOUNT = FOLDER.resolve("m");

    @BeforeEach
    void folder() throws IOException {
        Files.createDirectories(MOUNT);
    }

    @AfterEach
    void end() throws Exception {
        ServerProcess.cleanUp(FOLDER);
    }

    private static ServerProcess mounted(String... options) {
        String[] args = new String[options.length + 2];
        args[0] = "mount";
        args[1] = MOUNT.toString();
        System.arraycopy(options, 0, args, 2, options.length);
        ServerProcess s = new ServerProcess(args);
        assertThat(s.greeting()).isEqualTo("READY");
        return s;
    }

    private static boolean isMounted() throws IOException {
        return Files.readString(Path.of("/proc/self/mounts")).contains(" " + MOUNT + " ");
    }

    private static String refusal(List<String> prefix, Path mountPoint) throws Exception {
        try (ServerProcess s = new ServerProcess(prefix, "mount", mountPoint.toString())) {
            assertThat(s.greeting()).startsWith("FAILED ");
            return s.greeting().substring(7);
        }
    }

    @Test
    void endsWhenSomebodyUnmounts() throws Exception {
        try (ServerProcess s = mounted()) {
            assertThat(ServerProcess.shell(Path.of("/"), "umount " + MOUNT).exit())
                    .isZero();
            assertThat(s.ask("ended")).isEqualTo("true");
            assertThat(s.ask("stops")).isEqualTo("1 1");
            assertThat(s.ask("close")).isEqualTo("ok");
            assertThat(s.ask("stops")).isEqualTo("1 1");
        }
    }

    @Test
    void unmountsItself() throws Exception {
        try (ServerProcess s = mounted()) {
            assertThat(s.ask("unmount")).isEqualTo("ok");
            assertThat(isMounted()).isFalse();
            assertThat(s.ask("ended")).isEqualTo("true");
            assertThat(s.ask("stops")).isEqualTo("1 1");
        }
    }

    @Test
    void saysThatItIsBusyAndGoesOn() throws Exception {
        try (ServerProcess s = mounted()) {
            Process user = ServerProcess.start(MOUNT, "echo in; read x; cat data | wc -c");
            assertThat(user.inputReader().readLine()).isEqualTo("in");
            assertThat(s.ask("unmount")).startsWith("FAILED " + MOUNT + " is in use; close its files first");
            assertThat(isMounted()).isTrue();
            user.outputWriter().append("\n").flush();
            assertThat(user.inputReader().readLine()).isEqualTo(Integer.toString(ControlledFileSystem.DATA_BYTES));
            assertThat(user.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(s.ask("unmount")).isEqualTo("ok");
        }
    }

    @Test
    void closesAlthoughItIsInUse() throws Exception {
        try (ServerProcess s = mounted("slow")) {
            Process user = ServerProcess.start(MOUNT, "echo in; dd if=data of=/dev/null bs=128k; echo exit $?");
            assertThat(user.inputReader().readLine()).isEqualTo("in");
            long start = System.nanoTime();
            assertThat(s.ask("close")).isEqualTo("ok");
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(20));
            assertThat(isMounted()).isFalse();
            assertThat(user.waitFor(30, TimeUnit.SECONDS)).as("nobody hangs").isTrue();
            assertThat(ServerProcess.read(user)).containsAnyOf("not connected", "connection abort", "No such file");
            assertThat(s.ask("stops")).isEqualTo("1 1");
        }
    }

    @Test
    void endsWhenTheConnectionIsAborted() throws Exception {
        try (ServerProcess s = mounted()) {
            ServerProcess.Result r = ServerProcess.shell(
                    Path.of("/"),
                    "c=/sys/fs/fuse/connections; test -e $c/$(mountpoint -d " + MOUNT + " | cut -d: -f2)/abort ||"
                            + " mount -t fusectl fusectl $c; echo 1 > $c/$(mountpoint -d " + MOUNT
                            + " | cut -d: -f2)/abort");
            assertThat(r.exit()).as(r.output()).isZero();
            assertThat(s.ask("ended")).isEqualTo("true");
            assertThat(s.ask("stops")).isEqualTo("1 1");
            assertThat(ServerProcess.shell(Path.of("/"), "cat " + MOUNT + "/data")
                            .output())
                    .contains("not connected");
        }
    }

    @Test
    void mountsReadOnly() throws Exception {
        try (ServerProcess s = mounted("ro")) {
            assertThat(ServerProcess.shell(MOUNT, "touch x").output()).contains("Read-only file system");
            assertThat(s.ask("unmount")).isEqualTo("ok");
        }
    }

    @Test
    void keepsDirtyPagesInTheKernelWithWriteback() throws Exception {
        try (ServerProcess s = mounted("writeback")) {
            assertThat(ServerProcess.shell(
                                    MOUNT,
                                    "for i in $(seq 1 1000); do echo line $i; done > w && wc -l < w && sync w && sha256sum < w"
                                            + " && for i in $(seq 1 1000); do echo line $i; done | sha256sum")
                            .output()
                            .lines()
                            .distinct())
                    .hasSize(2);
            assertThat(Integer.parseInt(s.ask("requests write"))).as("merged").isLessThan(20);
            assertThat(s.ask("unmount")).isEqualTo("ok");
        }
    }

    @Test
    void refusesABadMountPoint() throws Exception {
        assertThat(refusal(List.of(), FOLDER.resolve("absent")))
                .isEqualTo("mount point " + FOLDER + "/absent does not exist; make it: mkdir -p " + FOLDER + "/absent");
        Path file = Files.writeString(FOLDER.resolve("file"), "x");
        assertThat(refusal(List.of(), file))
                .isEqualTo("mount point " + file + " is not a directory; name an empty directory");
        Path full = Files.createDirectory(FOLDER.resolve("full"));
        Files.writeString(full.resolve("x"), "x");
        assertThat(refusal(List.of(), full))
                .isEqualTo("mount point " + full + " is not empty; name an empty directory");
        assertThat(isMounted()).isFalse();
    }

    @Test
    void refusesAMountThatIsMountedAlready() throws Exception {
        try (ServerProcess s = mounted()) {
            String expected =
                    "mount point " + MOUNT + " is already a fuse.efc mount of memory; end it first: umount " + MOUNT;
            assertThat(refusal(List.of(), MOUNT)).isEqualTo(expected);
            Path link = Files.createSymbolicLink(FOLDER.resolve("link"), MOUNT);
            assertThat(refusal(List.of(), link)).isEqualTo(expected);
            s.kill();
            assertThat(refusal(List.of(), MOUNT)).as("also a dead one").isEqualTo(expected);
        }
    }

    @Test
    void refusesWithoutRights() throws Exception {
        Path open = Files.createDirectory(FOLDER.resolve("open"));
        String nobody = refusal(
                List.of("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--bounding-set=-all"),
                open);
        assertThat(nobody).contains("; run as root");
        String uncapable = refusal(List.of("setpriv", "--bounding-set=-sys_admin"), open);
        assertThat(uncapable)
                .isEqualTo("mounting on " + open
                        + " needs root with CAP_SYS_ADMIN; run as root (in a container: privileged)");
    }

    @Test
    void refusesWithoutADevice() {
        assertThat(org.assertj.core.api.Assertions.catchThrowableOfType(
                        FuseException.class,
                        () -> FuseServer.mount(
                                Path.of("/dev/absent"),
                                FuseConfig.defaults("x"),
                                MOUNT,
                                new MemoryFileSystem(),
                                new io.efc.base.Metrics())))
                .hasMessageStartingWith("there is no /dev/absent; load the kernel module");
    }
}
