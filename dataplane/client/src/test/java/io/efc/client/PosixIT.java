package io.efc.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.testing.posix.FileExerciser;
import io.efc.testing.posix.RandomOps;
import io.efc.testing.posix.Runner;
import io.efc.testing.posix.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of POSIX, and random operations beside a local directory, through a mount. {@code -Defc.seed=N} runs another seed. */
@Tag("slow")
@Timeout(300)
class PosixIT {
    private static final long SEED = Long.getLong("efc.seed", 20_261_124L);

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"ttl=1000", "silly=true", "writeback=true", "strong=0"})
    void theRulesHold(String option) throws Exception {
        try (Served s = Served.mount(option);
                Runner runner = new Runner(s.mountPoint().toString())) {
            List<String> broken = new ArrayList<>();
            runner.run(name -> true, verdict -> {
                if (verdict.outcome() == Verdict.Outcome.BROKEN) {
                    broken.add(verdict.toString());
                }
            });
            assertThat(broken).filteredOn(b -> !isKnown(option, b)).isEmpty();
        }
    }

    /** The kernel that keeps dirty pages reads a page before it changes part of it, which moves the store's atime. */
    private static boolean isKnown(String option, String broken) {
        return option.equals("writeback=true") && broken.contains("leave atime");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"ttl=1000", "ttl=0", "writeback=true", "strong=0"})
    void randomOperationsDoWhatALocalDirectoryDoes(String option) throws Exception {
        try (Served s = Served.mount(option)) {
            Path reference = Files.createDirectory(s.beside().resolve("reference"));
            String said = Served.run(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "-XX:+UseSerialGC",
                    "-Xmx192m",
                    "-cp",
                    System.getProperty("java.class.path"),
                    RandomOps.class.getName(),
                    "--dir",
                    s.mountPoint().toString(),
                    "--reference",
                    reference.toString(),
                    "--ops",
                    "4000",
                    "--processes",
                    "3",
                    "--seed",
                    Long.toString(SEED));
            assertThat(said.lines().filter("both sides agree"::equals)).as(said).hasSize(3);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"ttl=1000", "ttl=0", "silly=true", "writeback=true", "strong=0"})
    void aFileKeepsToItsModel(String option) throws Exception {
        try (Served s = Served.mount(option)) {
            assertThat(new FileExerciser(s.mountPoint(), SEED, 3, 1 << 20).run(4000))
                    .as("seed %d", SEED)
                    .isEmpty();
        }
    }
}
