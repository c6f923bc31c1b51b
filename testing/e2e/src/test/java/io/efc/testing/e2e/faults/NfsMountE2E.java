package io.efc.testing.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.testing.posix.Capability;
import io.efc.testing.posix.FileExerciser;
import io.efc.testing.posix.RandomOps;
import io.efc.testing.posix.Report;
import io.efc.testing.posix.Runner;
import io.efc.testing.posix.Verdict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A mount of a real nfs-ganesha under the POSIX rules, random operations and programs. */
class NfsMountE2E {
    private static final long SEED = Long.getLong("efc.seed", 20_261_124L);

    /** What neither protocol has, or nfs-ganesha 4.3 with its VFS back end does not offer. */
    private static final Set<Capability> LACKS = EnumSet.of(
            Capability.USER_XATTRS,
            Capability.TRUSTED_XATTRS,
            Capability.TMPFILE,
            Capability.KEEP_SIZE,
            Capability.ZERO_RANGE,
            Capability.RENAME_NOREPLACE,
            Capability.RENAME_EXCHANGE,
            Capability.RENAME_WHITEOUT,
            Capability.SYMLINK_TIMES,
            Capability.ATIME,
            Capability.BIRTH_TIME);

    /** What NFSv3 has not either. */
    private static final Set<Capability> LACKS_V3 =
            EnumSet.of(Capability.FALLOCATE, Capability.PUNCH_HOLE, Capability.SEEK_HOLE, Capability.COPY_FILE_RANGE);

    @ParameterizedTest(name = "the POSIX rules hold over NFS {0}")
    @ValueSource(strings = {"4.1", "3"})
    @Tag("slow")
    void thePosixRulesHold(String version) {
        rulesHold(version);
    }

    @Test
    @Tag("campaign")
    void thePosixRulesHoldOverTheNewestVersion() {
        rulesHold("4.2");
    }

    private static void rulesHold(String version) {
        try (Stage stage = new Stage()) {
            Path mount = stage.mount(version);
            List<String> broken = new ArrayList<>();
            try (Runner runner = new Runner(mount.toString())) {
                List<Verdict> verdicts = runner.run(name -> true, v -> {
                    if (v.outcome() == Verdict.Outcome.BROKEN) {
                        broken.add(Report.line(v));
                    }
                });
                System.out.println("NFS " + version + ": " + Report.summary(verdicts, runner.lacking()));
                assertThat(broken).isEmpty();
                EnumSet<Capability> lacks = EnumSet.copyOf(LACKS);
                if (!version.equals("4.2")) {
                    lacks.addAll(LACKS_V3);
                }
                assertThat(lacks).containsAll(runner.lacking());
            }
        }
    }

    @ParameterizedTest(name = "NFS {0} agrees with a local directory over {1} operations")
    @CsvSource({"4.2,20000", "3,5000"})
    @Tag("slow")
    void agreesWithALocalDirectory(String version, int operations) {
        agrees(version, operations);
    }

    @ParameterizedTest(name = "NFS {0} agrees with a local directory over {1} operations")
    @CsvSource({"4.2,100000", "4.1,100000", "3,100000"})
    @Tag("campaign")
    void agreesWithALocalDirectoryForLong(String version, int operations) {
        agrees(version, operations);
    }

    private static void agrees(String version, int operations) {
        System.out.println("seed " + SEED);
        try (Stage stage = new Stage()) {
            Path mount = stage.mount(version);
            RandomOps ops =
                    new RandomOps(mount, stage.directory("reference"), SEED, EnumSet.of(Capability.QUIET_CLOSE));
            String difference = ops.run(operations);
            assertThat(difference).as("seed %d", SEED).isEmpty();
        }
    }

    @ParameterizedTest(name = "a file on NFS {0} keeps to its model over {1} operations")
    @CsvSource({"3,5000"})
    @Tag("slow")
    void aFileKeepsToItsModel(String version, int operations) {
        keeps(version, operations);
    }

    @ParameterizedTest(name = "a file on NFS {0} keeps to its model over {1} operations")
    @CsvSource({"4.2,50000", "3,50000"})
    @Tag("campaign")
    void aFileKeepsToItsModelForLong(String version, int operations) {
        keeps(version, operations);
    }

    private static void keeps(String version, int operations) {
        System.out.println("seed " + SEED);
        try (Stage stage = new Stage()) {
            Path mount = stage.mount(version);
            String wrong = new FileExerciser(mount, SEED, 3, 1 << 20).run(operations);
            assertThat(wrong).as("seed %d", SEED).isEmpty();
        }
    }

    @Test
    @Tag("slow")
    void programsWork() {
        runPrograms("4.2");
    }

    @Test
    @Tag("campaign")
    void programsWorkOverTheOldVersion() {
        runPrograms("3");
    }

    private static void runPrograms(String version) {
        try (Stage stage = new Stage()) {
            Path mount = stage.mount(version);
            Path work = stage.directory("work");
            assertThat(stage.script(mount, work, Scripts.FIO)).contains("fio is content");
            assertThat(stage.script(mount, work, Scripts.GIT)).contains("git is content");
            assertThat(stage.script(mount, work, Scripts.SQLITE)).contains("ok\n120\n");
            assertThat(stage.script(mount, work, Scripts.RSYNC)).contains("the copies are alike");
        }
    }
}
