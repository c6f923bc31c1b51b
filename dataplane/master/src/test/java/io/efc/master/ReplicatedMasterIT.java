package io.efc.master;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.efc.base.Metrics;
import io.efc.lease.Mode;
import io.efc.lease.ObjectId;
import io.efc.rpc.Address;
import io.efc.rpc.MasterStub;
import io.efc.rpc.Member;
import io.efc.rpc.Role;
import io.efc.rpc.Secret;
import io.efc.testing.support.Ports;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
final class ReplicatedMasterIT {
    private static final Secret SECRET = new Secret("a secret of the masters' test".getBytes(StandardCharsets.UTF_8));
    private static final long DATASET = 7;
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final ObjectId FILE = ObjectId.file(DATASET, 3, 4);

    @TempDir
    private Path directory = Path.of("");

    private final TreeMap<String, Address.Tcp> replication = new TreeMap<>();
    private final TreeMap<String, Address.Tcp> serving = new TreeMap<>();
    private final TreeMap<String, ReplicatedMaster> masters = new TreeMap<>();
    private Address address = new Address.Tcp("127.0.0.1", 1);

    @BeforeEach
    void start() {
        for (String name : List.of("m1", "m2", "m3")) {
            replication.put(name, new Address.Tcp("127.0.0.1", Ports.free()));
            serving.put(name, new Address.Tcp("127.0.0.1", Ports.free()));
        }
        address = new Address.AnyOf(List.copyOf(serving.values()));
        serving.keySet().forEach(this::startMaster);
    }

    private void startMaster(String name) {
        Path disk = directory.resolve("disk-" + name);
        MasterConfig config = MasterConfig.of(
                "ns/raft",
                DATASET,
                Objects.requireNonNull(serving.get(name)),
                Files.isDirectory(disk) ? disk.resolve("state") : directory.resolve(name),
                SECRET,
                List.of());
        masters.put(name, ReplicatedMaster.start(config, new MasterPeers(name, replication), new Metrics()));
    }

    @AfterEach
    void stop() {
        masters.values().forEach(ReplicatedMaster::close);
    }

    private String leader() {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (System.nanoTime() - deadline < 0) {
            List<String> leaders = masters.entrySet().stream()
                    .filter(e -> e.getValue().isServing())
                    .map(Map.Entry::getKey)
                    .toList();
            if (leaders.size() == 1) {
                return leaders.getFirst();
            }
            LockSupport.parkNanos(5_000_000);
        }
        throw new AssertionError("no master leads within " + LONG);
    }

    private void kill(String name) {
        Objects.requireNonNull(masters.remove(name)).close();
    }

    @Test
    void leasesOutliveTheirLeader() throws Exception {
        try (Leaseholder a = new Leaseholder(address, SECRET, DATASET, "a");
                Leaseholder b = new Leaseholder(address, SECRET, DATASET, "b")) {
            a.acquire(FILE, Mode.WRITE, LONG);
            long token = a.token(FILE);
            long epoch = a.epoch();
            b.acquire(ObjectId.file(DATASET, 5, 6), Mode.WRITE, LONG);
            kill(leader());
            ObjectId fresh = ObjectId.file(DATASET, 8, 9);
            Duration stall = b.acquire(fresh, Mode.WRITE, LONG);
            System.out.println("stall of a new lease over a change of the leader: " + stall.toMillis() + " ms");
            assertThat(b.epoch()).isGreaterThan(epoch);
            assertThat(b.token(fresh)).isGreaterThan(token);
            assertThat(a.covers(FILE, Mode.WRITE)).isTrue();
            assertThat(a.token(FILE)).as("the lease was reclaimed").isEqualTo(token);
            assertThat(a.sessionsLost() + b.sessionsLost()).isZero();

            b.acquire(FILE, Mode.WRITE, LONG);
            assertThat(a.covers(FILE, Mode.READ)).isFalse();
        }
    }

    @Test
    void neverHasTwoWritersWhileLeadersDie() throws Exception {
        try (Leaseholder a = new Leaseholder(address, SECRET, DATASET, "a");
                Leaseholder b = new Leaseholder(address, SECRET, DATASET, "b")) {
            long token = 0;
            for (int round = 0; round < 6; round++) {
                Leaseholder one = round % 2 == 0 ? a : b;
                Leaseholder other = round % 2 == 0 ? b : a;
                one.acquire(FILE, Mode.WRITE, LONG);
                boolean both = one.covers(FILE, Mode.WRITE) && other.covers(FILE, Mode.READ);
                assertThat(both).isFalse();
                assertThat(one.token(FILE)).isGreaterThan(token);
                token = one.token(FILE);
                if (round % 2 == 1) {
                    String old = leader();
                    kill(old);
                    leader();
                    startMaster(old);
                }
            }
        }
    }

    @Test
    void membersAndWhatTheStoresHoldOutliveTheirLeader() {
        masters.values().forEach(m -> m.ufsTotal(42));
        try (MasterStub stub = MasterStub.connect(address, SECRET, Role.WORKER, DATASET, "w", r -> {})) {
            stub.awaitConnected(LONG);
            long epoch = stub.join(new Member("w1", "node", "10.0.0.1:1", "", 1 << 20))
                    .ring()
                    .epoch();
            awaitUfsTotal();
            kill(leader());
            leader();
            stub.awaitConnected(LONG);
            awaitUfsTotal();
            assertThat(stub.ring().epoch()).isEqualTo(epoch);
            assertThat(stub.ring().members()).hasSize(1);
        }
    }

    @Test
    void oneOfThreeServesNobody() {
        String leader = leader();
        for (String name : List.copyOf(masters.keySet())) {
            if (!name.equals(leader)) {
                kill(name);
            }
        }
        ReplicatedMaster left = Objects.requireNonNull(masters.get(leader));
        long deadline = System.nanoTime() + LONG.toNanos();
        while (left.isServing() && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(5_000_000);
        }
        assertThat(left.isServing()).isFalse();
    }

    @Test
    void refusesADamagedLogByItsName() throws IOException {
        String leader = leader();
        try (MasterStub stub = MasterStub.connect(address, SECRET, Role.WORKER, DATASET, "w", r -> {})) {
            stub.awaitConnected(LONG);
            for (int i = 0; i < 20; i++) {
                stub.join(new Member("w" + i, "node", "10.0.0.1:" + (i + 1), "", 1 << 20));
            }
        }
        String name = masters.keySet().stream()
                .filter(n -> !n.equals(leader))
                .findFirst()
                .orElseThrow();
        kill(name);
        Path log;
        try (Stream<Path> files = Files.walk(directory.resolve(name))) {
            log = files.filter(f -> f.getFileName().toString().startsWith("log_"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(log);
        for (int i = 100; i < 140; i++) {
            bytes[i] ^= 0x55;
        }
        Files.write(log, bytes);
        assertThatThrownBy(() -> startMaster(name))
                .hasMessageStartingWith("the log file " + log + " is damaged: ")
                .hasMessageContaining("remove " + directory.resolve(name));
        assertThat(leader()).isNotEmpty();
    }

    private void awaitUfsTotal() {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (MasterStub.status(address, SECRET, DATASET, LONG).ufsTotalBytes() != 42) {
            assertThat(System.nanoTime() - deadline).isNegative();
            LockSupport.parkNanos(5_000_000);
        }
    }

    @Test
    void aMasterWhoseDiskIsFullEndsAndComesBackWhenThereIsRoom() throws Exception {
        List.copyOf(masters.keySet()).forEach(this::kill);
        List<Path> disks = new ArrayList<>();
        try {
            for (String name : serving.keySet()) {
                Path disk = Files.createDirectory(directory.resolve("disk-" + name));
                run("mount", "-t", "tmpfs", "-o", "size=8m", "none", disk.toString());
                disks.add(disk);
                startMaster(name);
            }
            String full = leader();
            Path filler = directory.resolve("disk-" + full).resolve("filler");
            try (Leaseholder a = new Leaseholder(address, SECRET, DATASET, "a")) {
                a.acquire(FILE, Mode.WRITE, LONG);
                long token = a.token(FILE);
                fill(filler);
                ReplicatedMaster ended = Objects.requireNonNull(masters.remove(full));
                assertTimeoutPreemptively(LONG, ended::awaitEnd);
                assertThat(ended.failure())
                        .contains("are free in " + directory.resolve("disk-" + full), "a master needs 2.00MiB");
                String next = leader();
                ObjectId fresh = ObjectId.file(DATASET, 8, 9);
                a.acquire(fresh, Mode.WRITE, LONG);
                assertThat(a.token(fresh)).isGreaterThan(token);
                assertThat(a.sessionsLost()).isZero();

                assertThatThrownBy(() -> startMaster(full))
                        .hasMessageContaining("are free in " + directory.resolve("disk-" + full));
                Files.delete(filler);
                startMaster(full);
                kill(next);
                leader();
                a.acquire(ObjectId.file(DATASET, 10, 11), Mode.WRITE, LONG);
                assertThat(a.sessionsLost()).isZero();
            }
        } finally {
            List.copyOf(masters.keySet()).forEach(this::kill);
            for (Path disk : disks) {
                run("umount", "-l", disk.toString());
            }
        }
    }

    private static void fill(Path file) throws IOException {
        byte[] some = new byte[64 << 10];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < 1 << 10; i++) {
                out.write(some);
            }
        } catch (IOException noRoom) {
            return;
        }
        throw new AssertionError(file + " fits");
    }

    private static void run(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                .as(String.join(" ", command))
                .isZero();
    }

    @Test
    void twoMastersAreRefusedWithTheReason() {
        TreeMap<String, Address.Tcp> two = new TreeMap<>(replication);
        two.remove("m3");
        assertThatThrownBy(() -> new MasterPeers("m1", two))
                .hasMessageContaining("2 masters stop when either fails")
                .hasMessageContaining("accepted: 1, 3");
    }
}
