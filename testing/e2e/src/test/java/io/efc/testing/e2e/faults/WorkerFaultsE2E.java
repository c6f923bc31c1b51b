package io.efc.testing.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Workers are killed, filled, spoiled and bothered while clients read: what is read is always what the server has. */
class WorkerFaultsE2E {
    private static final int MEBIBYTES = 160;

    @Test
    @Tag("slow")
    void aReadSurvivesTheDeathOfAWorker() {
        readOverDeaths(MEBIBYTES, 1);
    }

    @Test
    @Tag("campaign")
    void aLongReadSurvivesTheDeathOfAllWorkers() {
        readOverDeaths(600, 3);
    }

    private static void readOverDeaths(int mebibytes, int deaths) {
        try (Stage stage = new Stage()) {
            long written = Stage.write(stage.export().resolve("f"), mebibytes, 1);
            stage.up(3, "256Mi");
            assertThat(Stage.read(stage.mountOf(1).resolve("f"))).isEqualTo(written);
            Stage.dropCaches();
            List<Member> victims = stage.members("worker").reversed().subList(0, deaths);
            long second = Stage.read(stage.mountOf(2).resolve("f"), at -> {
                if (at % 16 == 0 && at / 16 <= deaths) {
                    victims.get(at / 16 - 1).kill();
                }
            });
            assertThat(victims).noneMatch(Member::isAlive);
            assertThat(second).isEqualTo(written);
            Stage.dropCaches();
            assertThat(Stage.read(stage.mountOf(1).resolve("f"))).isEqualTo(written);
        }
    }

    @Test
    @Tag("slow")
    void aFullTierEvictsAndNeverFails() {
        try (Stage stage = new Stage()) {
            List<Long> written = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                written.add(Stage.write(stage.export().resolve("f" + i), MEBIBYTES, i));
            }
            stage.up(2, "64Mi");
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 3; i++) {
                    Stage.dropCaches();
                    assertThat(Stage.read(stage.mountOf(1 + round).resolve("f" + i)))
                            .isEqualTo(written.get(i));
                }
            }
            for (Member worker : stage.members("worker")) {
                assertThat(worker.isAlive()).isTrue();
            }
        }
    }

    @Test
    @Tag("slow")
    void aSpoiledBlockIsFetchedAgain() throws IOException {
        try (Stage stage = new Stage()) {
            long written = Stage.write(stage.export().resolve("f"), MEBIBYTES, 1);
            stage.up(3, "256Mi");
            assertThat(Stage.read(stage.mountOf(1).resolve("f"))).isEqualTo(written);
            int spoiled = 0;
            for (Member worker : stage.members("worker")) {
                for (Path file : worker.tierFiles()) {
                    spoiled += spoil(file);
                }
            }
            assertThat(spoiled).as("places spoiled").isGreaterThan(10);
            Stage.dropCaches();
            assertThat(Stage.read(stage.mountOf(2).resolve("f"))).isEqualTo(written);
        }
    }

    /** Overwrites 100 bytes in every mebibyte of a large file; how many. */
    private static int spoil(Path file) throws IOException {
        int places = 0;
        try (RandomAccessFile f = new RandomAccessFile(file.toFile(), "rw")) {
            if (f.length() < 8 << 20) {
                return 0;
            }
            for (long at = 300_000; at + 100 < f.length(); at += 1 << 20) {
                byte[] before = new byte[100];
                f.seek(at);
                f.readFully(before);
                boolean data = false;
                for (byte b : before) {
                    data |= b != 0;
                }
                if (data) {
                    f.seek(at);
                    for (byte b : before) {
                        f.write(~b);
                    }
                    places++;
                }
            }
        }
        return places;
    }

    @Test
    @Tag("slow")
    void strangersAreCutOffAndHarmNobody() throws IOException {
        try (Stage stage = new Stage()) {
            long written = Stage.write(stage.export().resolve("f"), MEBIBYTES, 1);
            stage.up(2, "256Mi");
            List<Socket> slow = new ArrayList<>();
            for (Member worker : stage.members("worker")) {
                InetSocketAddress address = address(worker);
                for (int i = 0; i < 20; i++) {
                    bother(address, garbage(i));
                }
                bother(
                        address,
                        ByteBuffer.allocate(64)
                                .putInt(Integer.MAX_VALUE)
                                .putInt(-1)
                                .array());
                Socket loris = new Socket(address.getAddress(), address.getPort());
                loris.getOutputStream().write(0);
                slow.add(loris);
            }
            assertThat(Stage.read(stage.mountOf(1).resolve("f"))).isEqualTo(written);
            Stage.dropCaches();
            assertThat(Stage.read(stage.mountOf(2).resolve("f"))).isEqualTo(written);
            for (Socket loris : slow) {
                loris.setSoTimeout(60_000);
                assertThat(drained(loris)).as("the slow stranger was cut off").isTrue();
                loris.close();
            }
            for (Member worker : stage.members("worker")) {
                assertThat(worker.isAlive()).isTrue();
            }
        }
    }

    private static InetSocketAddress address(Member worker) {
        int colon = worker.address().lastIndexOf(':');
        return new InetSocketAddress(
                worker.address().substring(0, colon),
                Integer.parseInt(worker.address().substring(colon + 1)));
    }

    private static byte[] garbage(int seed) {
        byte[] bytes = new byte[10_000];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    /** Sends bytes that mean nothing; the worker must close the connection. */
    private static void bother(InetSocketAddress address, byte[] bytes) throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
            socket.setSoTimeout(60_000);
            try (OutputStream out = socket.getOutputStream()) {
                out.write(bytes);
                assertThat(drained(socket)).as("the stranger was cut off").isTrue();
            } catch (java.net.SocketException e) {
                assertThat(e).hasMessageMatching("(?s).*([Rr]eset|[Bb]roken pipe).*");
            }
        }
    }

    /** True when the peer has closed, whatever it said before. */
    private static boolean drained(Socket socket) throws IOException {
        byte[] some = new byte[4096];
        try {
            int total = 0;
            for (int n = socket.getInputStream().read(some);
                    n >= 0;
                    n = socket.getInputStream().read(some)) {
                total += n;
                if (total > 1 << 20) {
                    return false;
                }
            }
            return true;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (java.net.SocketException e) {
            return true;
        }
    }
}
