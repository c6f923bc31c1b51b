package io.efc.master.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.master.MasterPeers;
import io.efc.rpc.Address;
import io.efc.rpc.Secret;
import io.efc.testing.support.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas whose files are damaged, old or gone, among others that have theirs. */
@Tag("slow")
final class ReplicaIT {
    private static final String RUNTIME = "ns/replica";
    private static final Secret SECRET = new Secret("a secret of the replicas".getBytes(StandardCharsets.UTF_8));
    private static final Duration LONG = Duration.ofSeconds(60);

    /** An election that ends without a leader, and more. */
    private static final Duration ELECTIONS = Duration.ofSeconds(2);

    private static final int SESSIONS = 30;

    @TempDir
    private Path directory = Path.of("");

    private final TreeMap<String, Address.Tcp> places = new TreeMap<>();
    private final TreeMap<String, Replica> running = new TreeMap<>();

    @BeforeEach
    void startAll() {
        for (String name : List.of("m1", "m2", "m3")) {
            places.put(name, new Address.Tcp("127.0.0.1", Ports.free()));
        }
        places.keySet().forEach(this::start);
    }

    @AfterEach
    void stop() {
        running.values().forEach(Replica::close);
    }

    private Replica start(String name) {
        Replica replica = Replica.start(RUNTIME, SECRET, new MasterPeers(name, places), directory.resolve(name));
        running.put(name, replica);
        return replica;
    }

    private void end(String name) {
        Objects.requireNonNull(running.remove(name)).close();
    }

    private String leader() {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (System.nanoTime() - deadline < 0) {
            for (String name : running.keySet()) {
                if (replica(name).leadingTerm() >= 0) {
                    return name;
                }
            }
            LockSupport.parkNanos(5_000_000);
        }
        throw new AssertionError("no replica leads within " + LONG);
    }

    private String follower(String... none) {
        String leader = leader();
        return running.keySet().stream()
                .filter(n -> !n.equals(leader) && !List.of(none).contains(n))
                .findFirst()
                .orElseThrow();
    }

    private Replica replica(String name) {
        return Objects.requireNonNull(running.get(name));
    }

    private void write(String session) throws Exception {
        replica(leader())
                .write(new Command.SessionOpened(1, session, "node", "/mnt"))
                .get(LONG.toSeconds(), TimeUnit.SECONDS);
    }

    private static void awaitSession(Replica replica, String id) {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!replica.copy().hasSession(id)) {
            assertThat(System.nanoTime() - deadline).as(id).isNegative();
            LockSupport.parkNanos(5_000_000);
        }
    }

    private static List<Path> logs(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(f -> f.getFileName().toString().startsWith("log_"))
                    .toList();
        }
    }

    private static void remove(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void aDamagedLogIsRefusedByItsFileAndOneCutShortIsMadeWholeByTheOthers() throws Exception {
        for (int i = 0; i < SESSIONS; i++) {
            write("s" + i);
        }
        String name = follower();
        awaitSession(replica(name), "s" + (SESSIONS - 1));
        end(name);
        Path log = logs(directory.resolve(name)).getFirst();
        byte[] whole = Files.readAllBytes(log);
        long seed = Long.getLong("efc.seed", System.nanoTime());
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 6; i++) {
            int at = random.nextInt(whole.length);
            byte[] flipped = whole.clone();
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(log, flipped);
            assertThatThrownBy(() -> start(name))
                    .as("a flipped byte at %d of %d", at, whole.length)
                    .hasMessageStartingWith("the log file " + log + " is damaged: ")
                    .hasMessageContaining("remove " + directory.resolve(name));

            int cut = i == 0 ? 0 : random.nextInt(whole.length);
            for (Path old : logs(directory.resolve(name))) {
                Files.delete(old);
            }
            Files.write(log, Arrays.copyOf(whole, cut));
            Replica replica = start(name);
            awaitSession(replica, "s" + (SESSIONS - 1));
            assertThat(replica.copy().snapshot())
                    .as("cut to %d of %d", cut, whole.length)
                    .isEqualTo(replica(leader()).copy().snapshot());
            end(name);
            for (Path old : logs(directory.resolve(name))) {
                Files.delete(old);
            }
        }
    }

    @Test
    void whoLostItsDirectoryLearnsAllFromTheOthersBeforeItsVoteCounts() throws Exception {
        write("s");
        String old = follower();
        awaitSession(replica(old), "s");
        end(old);
        write("t");
        String empty = follower(old);
        awaitSession(replica(empty), "t");
        String leader = leader();
        end(leader);
        end(empty);

        // What has "t" is gone or down: nobody may lead without it.
        remove(directory.resolve(empty));
        start(old);
        start(empty);
        long deadline = System.nanoTime() + ELECTIONS.toNanos();
        while (System.nanoTime() - deadline < 0) {
            assertThat(running.values())
                    .allSatisfy(r -> assertThat(r.leadingTerm()).isNegative());
            LockSupport.parkNanos(20_000_000);
        }

        start(leader);
        awaitSession(replica(leader()), "t");
        awaitSession(replica(empty), "t");
        awaitSession(replica(old), "t");
        end(leader);
        assertThat(replica(leader()).copy().hasSession("t")).isTrue();
    }
}
