package io.efc.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.base.Libc;
import io.efc.base.Sockets;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A server dies or hands over while files are read; this process holds the descriptor meanwhile, and never touches the mount. */
class FailoverIT {
    private static final Path FOLDER = ServerProcess.freshFolder("failover");
    private static final Path MOUNT = FOLDER.resolve("m");

    private final Path socketPath = FOLDER.resolve("s");
    private int listener;

    @BeforeEach
    void listen() throws IOException {
        Files.createDirectories(MOUNT);
        Files.deleteIfExists(socketPath);
        try (Arena arena = Arena.ofConfined()) {
            listener = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0);
            MemorySegment address = Sockets.address(arena, socketPath);
            assertThat(Sockets.bind(listener, address, (int) address.byteSize()))
                    .isZero();
            assertThat(Sockets.listen(listener, 4)).isZero();
        }
    }

    @AfterEach
    void end() throws Exception {
        Libc.close(listener);
        ServerProcess.cleanUp(FOLDER);
    }

    private int accept() {
        return Sockets.accept4(listener, MemorySegment.NULL, MemorySegment.NULL, Sockets.SOCK_CLOEXEC);
    }

    /** Takes a copy of the server's descriptor. */
    private FuseDescriptors.Received hold(ServerProcess server) throws Exception {
        FuseDescriptors.Received[] got = new FuseDescriptors.Received[1];
        Thread receiving = Thread.ofPlatform().start(() -> {
            int s = accept();
            got[0] = FuseDescriptors.receive(s);
            Libc.close(s);
        });
        server.ok("send " + socketPath);
        receiving.join(10_000);
        return got[0];
    }

    private ServerProcess successor(FuseDescriptors.Received held, String... options) throws Exception {
        Thread sending = Thread.ofPlatform().start(() -> {
            int s = accept();
            FuseDescriptors.send(s, held.data(), held.descriptors().getFirst());
            Libc.close(s);
        });
        String[] args = new String[options.length + 2];
        args[0] = "attach";
        args[1] = socketPath.toString();
        System.arraycopy(options, 0, args, 2, options.length);
        ServerProcess next = new ServerProcess(args);
        sending.join(10_000);
        assertThat(next.greeting()).isEqualTo("READY");
        return next;
    }

    private static String digest() throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(ControlledFileSystem.data()));
    }

    private static void awaitInFlight(ServerProcess s) throws InterruptedException {
        for (int i = 0; i < 4000 && s.ask("gauge efc_fuse_in_flight").equals("0"); i++) {
            Thread.sleep(5);
        }
    }

    @Test
    void aReaderDoesNotNoticeThatItsServerIsKilled() throws Exception {
        try (ServerProcess first = new ServerProcess("mount", MOUNT.toString(), "slow")) {
            FuseDescriptors.Received held = hold(first);
            Process reader = ServerProcess.start(MOUNT, "sha256sum data; echo exit $?");
            awaitInFlight(first);
            first.kill();
            try (ServerProcess second = successor(held)) {
                assertThat(second.ask("where")).isEqualTo(MOUNT.toString());
                second.ok("resend");
                assertThat(reader.waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(ServerProcess.read(reader)).isEqualTo(digest() + "  data\nexit 0");
                assertThat(Integer.parseInt(second.ask("resent"))).isPositive();
                assertThat(Integer.parseInt(second.ask("requests init"))).isZero();
                assertThat(second.ask("unmount")).isEqualTo("ok");
                assertThat(second.ask("stops")).isEqualTo("1 1");
            } finally {
                Libc.close(held.descriptors().getFirst());
            }
        }
    }

    /** Several servers die one after the other, at random moments, under four readers. */
    @Test
    @Tag("slow")
    void readersDoNotNoticeThatServersAreKilledAgainAndAgain() throws Exception {
        long seed = Long.getLong("efc.seed", 20_261_124L);
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        ServerProcess current = new ServerProcess("mount", MOUNT.toString());
        FuseDescriptors.Received held = hold(current);
        try {
            List<Process> readers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                readers.add(ServerProcess.start(
                        MOUNT,
                        "for i in $(seq 1 "
                                + (i % 2 == 0
                                        ? "30); do dd if=data iflag=direct bs=1M status=none"
                                        : "30); do cat data")
                                + " | sha256sum; echo 1 > /proc/sys/vm/drop_caches; done | sort | uniq -c"));
            }
            for (int i = 0; i < 6; i++) {
                Thread.sleep(random.nextInt(100, 1200));
                current.kill();
                current = successor(held);
                current.ok("resend");
            }
            for (Process p : readers) {
                assertThat(p.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(ServerProcess.read(p).strip()).as("seed %d", seed).isEqualTo("30 " + digest() + "  -");
            }
            assertThat(current.ask("unmount")).isEqualTo("ok");
        } finally {
            current.close();
            Libc.close(held.descriptors().getFirst());
        }
    }

    @Test
    void aReaderDoesNotNoticeThatItsServerHandsOver() throws Exception {
        try (ServerProcess first = new ServerProcess("mount", MOUNT.toString(), "slow")) {
            FuseDescriptors.Received held = hold(first);
            Process reader = ServerProcess.start(MOUNT, "sha256sum data; echo exit $?");
            Process locker = ServerProcess.start(MOUNT, "touch l; exec flock l bash -c 'echo held; read x'");
            assertThat(locker.inputReader().readLine()).isEqualTo("held");
            Process waiter = ServerProcess.start(MOUNT, "exec flock l echo got");
            for (int i = 0; i < 4000 && first.ask("gauge efc_fuse_lock_waiters").equals("0"); i++) {
                Thread.sleep(5);
            }
            long start = System.nanoTime();
            first.ok("detach");
            assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(10));
            assertThat(first.ask("stops")).isEqualTo("1 0");
            assertThat(waiter.isAlive()).as("the lock wait got no answer").isTrue();
            try (ServerProcess second = successor(held)) {
                second.ok("put l x");
                second.ok("resend");
                assertThat(reader.waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(ServerProcess.read(reader)).isEqualTo(digest() + "  data\nexit 0");
                assertThat(first.ask("close")).isEqualTo("ok");
                assertThat(ServerProcess.shell(MOUNT, "stat -c %s data").output())
                        .isEqualTo(Integer.toString(ControlledFileSystem.DATA_BYTES));
                assertThat(waiter.waitFor(30, TimeUnit.SECONDS))
                        .as("the successor knows of no lock and grants it")
                        .isTrue();
                assertThat(second.ask("close")).isEqualTo("ok");
            } finally {
                Libc.close(held.descriptors().getFirst());
                locker.destroyForcibly();
                waiter.destroyForcibly();
            }
        }
    }

    @Test
    void refusesWhatIsNoMessageWithDescriptors() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pair = arena.allocate(8, 4);
            assertThat(Sockets.socketpair(Sockets.AF_UNIX, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0, pair))
                    .isZero();
            int a = pair.get(java.lang.foreign.ValueLayout.JAVA_INT, 0);
            int b = pair.get(java.lang.foreign.ValueLayout.JAVA_INT, 4);
            MemorySegment garbage = arena.allocateFrom("garbage");
            Sockets.send(a, garbage, 0, 8, 0);
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> FuseDescriptors.receive(b)))
                    .isInstanceOf(FuseException.class)
                    .hasMessageContaining("not a message with descriptors");
            FuseDescriptors.send(a, new byte[FuseDescriptors.DATA_MAX], 0, 1, 2);
            assertThat(Sockets.recv(b, arena.allocate(4), 0, 4, 0)).isEqualTo(4);
            FuseDescriptors.Received r = FuseDescriptors.receive(b);
            assertThat(r.data()).hasSize(FuseDescriptors.DATA_MAX);
            assertThat(r.descriptors()).hasSize(3).allMatch(fd -> fd > 2);
            r.descriptors().forEach(Libc::close);
            Libc.close(a);
            assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> FuseDescriptors.receive(b)))
                    .hasMessageContaining("gone");
            Libc.close(b);
        }
    }
}
