package io.efc.testing.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules on file systems that are known to be right, and on none at all. */
class LocalPosixIT {
    private static final Set<Capability> MAY_LACK =
            Set.of(Capability.ZERO_RANGE, Capability.BIRTH_TIME, Capability.ATIME, Capability.TRUSTED_XATTRS);

    @ParameterizedTest(name = "every rule holds in {0}")
    @CsvSource({"/tmp", "/dev/shm"})
    void everyRuleHolds(String where) throws IOException {
        Path directory = Files.createTempDirectory(Path.of(where), "efc-posix-");
        List<String> broken = new ArrayList<>();
        try (Runner runner = new Runner(directory.toString())) {
            List<Verdict> verdicts = runner.run(name -> true, v -> {
                if (v.outcome() == Verdict.Outcome.BROKEN) {
                    broken.add(Report.line(v));
                }
            });
            System.out.println(where + ": " + Report.summary(verdicts, runner.lacking()));
            assertThat(broken).isEmpty();
            assertThat(Report.count(verdicts, Verdict.Outcome.HOLDS)).isGreaterThan(500);
            assertThat(MAY_LACK).containsAll(runner.lacking());
        } finally {
            Files.delete(directory);
        }
    }

    @Test
    void reportsARuleThatIsBrokenWithItsCalls() throws IOException {
        Path directory = Files.createTempDirectory("efc-posix-");
        Path removed = directory.resolve("absent");
        try (Runner runner = new Runner(directory.toString())) {
            assertThat(runner.lacking()).doesNotContain(Capability.HARD_LINKS);
            Rule wrong = new Rule("wrong: a file appears by itself", Set.of(), t -> t.ok(t.stat("absent")));
            Verdict verdict = runner.run(wrong, Set.of());
            assertThat(verdict.outcome()).isSameAs(Verdict.Outcome.BROKEN);
            assertThat(verdict.detail())
                    .contains("expected success, got ENOENT")
                    .contains("statx(\"absent\", 0x0)");
            assertThat(Report.json(List.of(verdict)))
                    .startsWith("[{\"rule\":\"wrong: a file appears by itself\",\"outcome\":\"BROKEN\"");
            assertThat(removed).doesNotExist();
        }
        Files.delete(directory);
    }

    @Test
    void leavesOutWhatAFileSystemLacksAndSaysSo() throws IOException {
        Path directory = Files.createTempDirectory("efc-posix-");
        try (Runner runner = new Runner(directory.toString())) {
            Rule rule = new Rule("x: y", Set.of(Capability.TMPFILE), t -> t.check(false, "it ran"));
            Verdict verdict = runner.run(rule, Set.of(Capability.TMPFILE));
            assertThat(verdict.outcome()).isSameAs(Verdict.Outcome.LACKING);
            assertThat(Report.summary(List.of(verdict), Set.of()))
                    .isEqualTo("1 rules: 0 hold, 0 broken, 1 about what this file system lacks (no O_TMPFILE)");
        }
        Files.delete(directory);
    }
}
