package io.efc.testing.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The testers between two file systems that are known to be right. {@code -Defc.seed=N} runs another seed. */
class RandomOpsIT {
    private static final long SEED = Long.getLong("efc.seed", 20_261_124L);

    private Path disk = Path.of("/");
    private Path memory = Path.of("/");

    @BeforeEach
    void makeDirectories() throws IOException {
        disk = Files.createTempDirectory(Path.of("/tmp"), "efc-random-");
        memory = Files.createTempDirectory(Path.of("/dev/shm"), "efc-random-");
    }

    @AfterEach
    void removeDirectories() throws IOException {
        for (Path directory : List.of(disk, memory)) {
            try (Stream<Path> paths = Files.walk(directory)) {
                for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    @Test
    void ext4AndTmpfsAgree() {
        String difference = new RandomOps(disk, memory, SEED).run(8000);
        assertThat(difference).as("seed %d", SEED).isEmpty();
    }

    @Test
    void operationsDependOnSeedAndNumberOnly() {
        Set<Capability> none = Set.of();
        for (long i = 0; i < 500; i++) {
            assertThat(RandomOp.of(SEED, i, none).text())
                    .isEqualTo(RandomOp.of(SEED, i, none).text());
        }
        long distinct = Stream.iterate(0L, i -> i + 1)
                .limit(500)
                .map(i -> RandomOp.of(SEED, i, none).text())
                .distinct()
                .count();
        assertThat(distinct).isGreaterThan(350);
    }

    @Test
    void mostOperationsSucceed() {
        try (Side side = Side.in(memory.toString())) {
            int succeeded = 0;
            for (long i = 0; i < 4000; i++) {
                String outcome = RandomOp.of(SEED, i, Set.of()).run().apply(side);
                succeeded += outcome.matches("E[A-Z]+") ? 0 : 1;
            }
            assertThat(succeeded).as("seed %d", SEED).isGreaterThan(1000);
        }
    }

    @ParameterizedTest(name = "a file kept by {0} descriptors")
    @ValueSource(ints = {1, 4})
    void aFileKeepsToItsModel(int descriptors) {
        String wrong = new FileExerciser(disk, SEED, descriptors, 1 << 19).run(3000);
        assertThat(wrong).as("seed %d", SEED).isEmpty();
    }

    @Test
    void aFileThatIsChangedFromOutsideIsFoundOut() throws IOException {
        FileExerciser exerciser = new FileExerciser(disk, SEED, 2, 1 << 16);
        exerciser.begin();
        String wrong = "";
        for (int i = 0; i < 1000 && wrong.isEmpty(); i++) {
            if (i >= 100) {
                try (Stream<Path> files = Files.list(disk)) {
                    Files.write(files.toList().getFirst(), new byte[1], StandardOpenOption.APPEND);
                }
            }
            wrong = exerciser.step(i);
            assertThat(i < 100 ? wrong : "").as("seed %d", SEED).isEmpty();
        }
        exerciser.end();
        assertThat(wrong).as("seed %d", SEED).isNotEmpty();
    }

    @Test
    void aTreeThatIsChangedFromOutsideIsFoundOut() throws IOException {
        RandomOps operations = new RandomOps(disk, memory, SEED);
        List<Long> numbers = Stream.iterate(0L, i -> i + 1).limit(50).toList();
        try (Side left = Side.in(disk.toString());
                Side right = Side.in(memory.toString())) {
            assertThat(operations.compare(numbers, left, right, false)).isNull();
            Files.createFile(disk.resolve("intruder"));
            RandomOps.Difference difference = operations.compare(List.of(50L), left, right, false);
            assertThat(String.valueOf(difference)).contains("intruder");
        }
    }
}
