package io.efc.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.testing.support.GaneshaServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs on two mounts with locks of one master lock against each other as on one local file system. */
class StrongLocksIT {
    private Served served;
    private Locker here;
    private Locker there;

    @BeforeEach
    void begin() throws IOException {
        served = Served.mount("strong=0");
        here = locker(served.mountPoint());
        there = locker(served.second());
    }

    @AfterEach
    void end() throws IOException {
        try (Served s = served;
                Locker a = here;
                Locker b = there) {
            assertThat(s).isNotNull();
            assertThat(a).isNotNull();
            assertThat(b).isNotNull();
        }
    }

    private Locker locker(Path mount) throws IOException {
        Locker locker = new Locker(served.beside());
        assertThat(locker.tell("open", "f", mount.resolve("f").toString())).isEqualTo("ok");
        return locker;
    }

    @Test
    void rangesKeepTheOtherMountOut() throws Exception {
        assertThat(here.tell("try", "f", "w", "10", "10")).isEqualTo("ok");
        assertThat(there.tell("try", "f", "w", "19", "5")).isEqualTo("EAGAIN");
        assertThat(there.tell("get", "f", "r", "0", "0")).isEqualTo("w 10 10 " + here.pid());
        assertThat(there.tell("try", "f", "w", "20", "5")).isEqualTo("ok");
        assertThat(here.tell("try", "f", "u", "12", "2")).isEqualTo("ok");
        assertThat(there.tell("try", "f", "w", "12", "2")).isEqualTo("ok");
        assertThat(there.tell("try", "f", "w", "11", "2")).isEqualTo("EAGAIN");
        assertThat(here.tell("try", "f", "r", "10", "2")).isEqualTo("ok");
        assertThat(there.tell("try", "f", "r", "10", "2")).isEqualTo("ok");
        assertThat(here.tell("try", "f", "w", "10", "2")).isEqualTo("EAGAIN");
        assertThat(there.tell("get", "f", "r", "0", "2")).isEqualTo("free");
        assertThat(served.metric("efc_client_locks")).isEqualTo(2);
    }

    @Test
    void whoWaitsIsWokenByTheOtherMount() throws Exception {
        here.tell("try", "f", "w", "0", "0");
        CompletableFuture<String> waiting = there.begin("wait", "f", "r", "5", "1");
        assertThat(Locker.waits(waiting)).isTrue();
        here.tell("try", "f", "u", "0", "0");
        assertThat(Locker.answer(waiting)).isEqualTo("ok");
        assertThat(here.tell("try", "f", "w", "0", "0")).isEqualTo("EAGAIN");
    }

    @Test
    void aSignalEndsTheWaitAndLeavesNothingBehind() throws Exception {
        here.tell("try", "f", "w", "0", "0");
        here.tell("flock", "f", "w");
        there.tell("alarm", "300");
        assertThat(there.tell("wait", "f", "w", "0", "0")).isEqualTo("EINTR");
        there.tell("alarm", "300");
        assertThat(there.tell("flockwait", "f", "w")).isEqualTo("EINTR");
        here.tell("try", "f", "u", "0", "0");
        here.tell("flock", "f", "u");
        try (Locker third = locker(served.second())) {
            assertThat(third.tell("try", "f", "w", "0", "0")).isEqualTo("ok");
            assertThat(third.tell("flock", "f", "w")).isEqualTo("ok");
        }
    }

    @Test
    void whoClosesACircleIsToldSo() throws Exception {
        here.tell("try", "f", "w", "0", "1");
        there.tell("try", "f", "w", "1", "1");
        CompletableFuture<String> waiting = here.begin("wait", "f", "w", "1", "1");
        assertThat(Locker.waits(waiting)).isTrue();
        assertThat(there.tell("wait", "f", "w", "0", "1")).isEqualTo("EDEADLK");
        there.tell("try", "f", "u", "0", "0");
        assertThat(Locker.answer(waiting)).isEqualTo("ok");
    }

    @Test
    void aCloseUnlocks() throws Exception {
        String path = served.mountPoint().resolve("f").toString();
        here.tell("try", "f", "w", "0", "0");
        here.tell("open", "g", path);
        here.tell("close", "g");
        assertThat(there.tell("try", "f", "w", "0", "0"))
                .as("any descriptor of the process (POSIX)")
                .isEqualTo("ok");
        here.tell("open", "h", path);
        here.tell("flock", "h", "w");
        here.tell("dup", "h", "i");
        here.tell("close", "h");
        assertThat(there.tell("flock", "f", "w")).as("a duplicate is open").isEqualTo("EAGAIN");
        here.tell("close", "i");
        assertThat(there.tell("flock", "f", "w")).as("the last one").isEqualTo("ok");
        there.tell("try", "f", "u", "0", "0");
        here.tell("open", "o", path);
        assertThat(here.tell("ofd", "o", "w", "0", "0")).isEqualTo("ok");
        assertThat(there.tell("ofd", "f", "r", "3", "1")).isEqualTo("EAGAIN");
        here.tell("close", "o");
        assertThat(Locker.answer(there.begin("wait", "f", "r", "3", "1"))).isEqualTo("ok");
    }

    @Test
    void flocksAreSharedOrExclusiveAndChange() throws Exception {
        assertThat(here.tell("flock", "f", "r")).isEqualTo("ok");
        assertThat(there.tell("flock", "f", "r")).isEqualTo("ok");
        assertThat(there.tell("try", "f", "w", "0", "0"))
                .as("fcntl's are apart")
                .isEqualTo("ok");
        CompletableFuture<String> first = here.begin("flockwait", "f", "w");
        assertThat(Locker.waits(first)).isTrue();
        CompletableFuture<String> second = there.begin("flockwait", "f", "w");
        assertThat(Locker.answer(first)).isEqualTo("ok");
        assertThat(Locker.waits(second)).isTrue();
        here.tell("flock", "f", "u");
        assertThat(Locker.answer(second)).isEqualTo("ok");
    }

    @Test
    void aKilledProgramHoldsAndWantsNothing() throws Exception {
        here.tell("try", "f", "w", "0", "0");
        here.tell("flock", "f", "w");
        Locker third = locker(served.second());
        CompletableFuture<String> waiting = third.begin("wait", "f", "w", "0", "0");
        assertThat(Locker.waits(waiting)).isTrue();
        third.kill();
        here.kill();
        assertThat(there.tell("wait", "f", "w", "0", "0")).isEqualTo("ok");
        assertThat(there.tell("flockwait", "f", "w")).isEqualTo("ok");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fcntl", "flock"})
    void whoGetsTheLockSeesWhatTheOneBeforeWrote(String kind) throws Exception {
        CompletableFuture<String> one = here.begin("count", "f", kind, "150");
        CompletableFuture<String> other = there.begin("count", "f", kind, "150");
        assertThat(Locker.answer(one)).isEqualTo("ok");
        assertThat(Locker.answer(other)).isEqualTo("ok");
        assertThat(here.tell("read", "f")).isEqualTo("300");
        assertThat(there.tell("read", "f")).isEqualTo("300");
    }

    @Test
    void sqliteWorksOnBothSides() throws Exception {
        String program = """
                import sqlite3, sys
                db = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
                db.execute('create table if not exists t(who, n)')
                for i in range(60):
                    db.execute('begin immediate')
                    db.execute('insert into t values(?, (select count(*) from t))', (sys.argv[2],))
                    db.execute('commit')
                """;
        Path script = Files.writeString(served.beside().resolve("insert.py"), program);
        Process one = sqlite(script, served.mountPoint(), "here");
        Process other = sqlite(script, served.second(), "there");
        assertThat(one.waitFor()).isZero();
        assertThat(other.waitFor()).isZero();
        for (Path mount : new Path[] {served.mountPoint(), served.second()}) {
            String db = mount.resolve("db").toString();
            assertThat(Served.run("sqlite3", db, "select count(*), count(distinct n) from t"))
                    .isEqualTo("120|120\n");
            assertThat(Served.run("sqlite3", db, "pragma integrity_check")).isEqualTo("ok\n");
        }
    }

    private static Process sqlite(Path script, Path mount, String name) throws IOException {
        return new ProcessBuilder(
                        "python3", script.toString(), mount.resolve("db").toString(), name)
                .inheritIO()
                .start();
    }

    @Test
    void anotherMasterKnowsTheLocksThatThereAre() throws Exception {
        here.tell("try", "f", "w", "0", "10");
        CompletableFuture<String> waiting = there.begin("wait", "f", "w", "0", "1");
        assertThat(Locker.waits(waiting)).isTrue();
        served.tell("stop master");
        served.tell("begin master");
        assertThat(here.tell("try", "f", "r", "9", "1")).isEqualTo("ok");
        try (Locker third = locker(served.second())) {
            assertThat(third.tell("try", "f", "w", "0", "1")).isEqualTo("EAGAIN");
            assertThat(third.tell("try", "f", "r", "9", "1")).isEqualTo("ok");
        }
        assertThat(Locker.waits(waiting)).isTrue();
        here.tell("try", "f", "u", "0", "0");
        assertThat(Locker.answer(waiting)).isEqualTo("ok");
    }

    @Test
    void whoWaitsForAMasterCanBeInterrupted() throws Exception {
        served.tell("stop master");
        there.tell("alarm", "300");
        Instant start = Instant.now();
        assertThat(there.tell("wait", "f", "w", "0", "0")).isEqualTo("EINTR");
        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(5));
        CompletableFuture<String> waiting = here.begin("try", "f", "w", "0", "0");
        assertThat(Locker.waits(waiting)).isTrue();
        served.tell("begin master");
        assertThat(Locker.answer(waiting)).isEqualTo("ok");
        assertThat(there.tell("try", "f", "w", "0", "0")).isEqualTo("EAGAIN");
        here.tell("try", "f", "u", "0", "0");
        assertThat(there.tell("try", "f", "w", "0", "0")).isEqualTo("ok");
    }

    @Test
    @Tag("slow")
    void whoLostItsLocksIsKeptFromTheFileUntilItUnlocks() throws Exception {
        here.tell("write", "f", "text");
        here.tell("try", "f", "w", "0", "10");
        served.tell("stop master");
        Thread.sleep(12_000);
        served.tell("begin master");
        assertThat(there.tell("try", "f", "w", "0", "1")).isEqualTo("ok");
        assertThat(here.tell("read", "f")).isEqualTo("EIO");
        assertThat(here.tell("write", "f", "more")).isEqualTo("EIO");
        assertThat(here.tell("try", "f", "w", "20", "1")).isEqualTo("EIO");
        assertThat(here.tell("get", "f", "w", "20", "1")).isEqualTo("EIO");
        assertThat(here.tell("try", "f", "u", "0", "5")).isEqualTo("ok");
        assertThat(here.tell("read", "f")).as("a part is left").isEqualTo("EIO");
        assertThat(here.tell("try", "f", "u", "5", "5")).isEqualTo("ok");
        assertThat(here.tell("read", "f")).isEqualTo("text");
        assertThat(here.tell("try", "f", "w", "0", "1")).isEqualTo("EAGAIN");
        assertThat(here.tell("try", "f", "w", "1", "1")).isEqualTo("ok");
        assertThat(served.metric("efc_client_locks_lost_total")).isEqualTo(1);
    }

    /** The NAS is not asked, so its protocol need not have locks. */
    @Test
    @Tag("slow")
    void thereAreLocksOverNfs3() throws Exception {
        Path export = Files.createTempDirectory(Path.of("/tmp"), "efc-client-export-");
        try (GaneshaServer server = GaneshaServer.start(export);
                Served s = Served.mount(
                        "strong=0",
                        "store=" + server.mountPoint(),
                        "nfs.port=" + server.nfsPort(),
                        "nfs.mountport=" + server.mountPort(),
                        "nfs.vers=3");
                Locker one = new Locker(s.beside());
                Locker other = new Locker(s.beside())) {
            one.tell("open", "f", s.mountPoint().resolve("f").toString());
            other.tell("open", "f", s.second().resolve("f").toString());
            assertThat(one.tell("try", "f", "w", "0", "5")).isEqualTo("ok");
            assertThat(other.tell("try", "f", "w", "4", "1")).isEqualTo("EAGAIN");
            assertThat(other.tell("flock", "f", "w")).isEqualTo("ok");
            assertThat(one.tell("flock", "f", "r")).isEqualTo("EAGAIN");
            one.tell("close", "f");
            assertThat(other.tell("try", "f", "w", "4", "1")).isEqualTo("ok");
            one.tell("open", "f", s.mountPoint().resolve("f").toString());
            CompletableFuture<String> count = one.begin("count", "f", "flock", "20");
            other.tell("try", "f", "u", "0", "0");
            other.tell("flock", "f", "u");
            assertThat(other.tell("count", "f", "flock", "20")).isEqualTo("ok");
            assertThat(Locker.answer(count)).isEqualTo("ok");
            assertThat(other.tell("read", "f")).isEqualTo("40");
        } finally {
            Served.run("rm", "-rf", export.toString());
        }
    }
}
