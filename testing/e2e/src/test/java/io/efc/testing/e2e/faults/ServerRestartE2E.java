package io.efc.testing.e2e.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The NFS server is killed while programs read and write, and comes back: they wait and go on, and every byte is right. */
class ServerRestartE2E {
    private static final int STEP = 24;

    @ParameterizedTest(name = "a read goes on after the server''s restart, NFS {0}")
    @ValueSource(strings = {"4.1", "3"})
    @Tag("slow")
    void aReadGoesOn(String version) {
        readOver(version, 1);
    }

    @ParameterizedTest(name = "a read goes on over six restarts, NFS {0}")
    @ValueSource(strings = {"4.1", "3"})
    @Tag("campaign")
    void aLongReadGoesOn(String version) {
        readOver(version, 6);
    }

    private static void readOver(String version, int kills) {
        try (Stage stage = new Stage()) {
            long written = Stage.write(stage.export().resolve("f"), (kills + 1) * STEP, 1);
            try (Program reader = Program.reader(stage.mount(version).resolve("f"), STEP)) {
                killServer(stage, reader, kills);
                assertThat(reader.result()).isEqualTo(String.valueOf(written));
            }
        }
    }

    @ParameterizedTest(name = "written bytes arrive although the server was killed, NFS {0}")
    @ValueSource(strings = {"4.1", "3"})
    @Tag("slow")
    void writtenBytesArrive(String version) throws IOException {
        writeOver(version, 1);
    }

    @ParameterizedTest(name = "written bytes arrive although the server was killed six times, NFS {0}")
    @ValueSource(strings = {"4.1", "3"})
    @Tag("campaign")
    void manyWrittenBytesArrive(String version) throws IOException {
        writeOver(version, 6);
    }

    private static void writeOver(String version, int kills) throws IOException {
        int mebibytes = (kills + 1) * STEP;
        try (Stage stage = new Stage();
                Program writer = Program.writer(stage.mount(version).resolve("f"), mebibytes, STEP)) {
            killServer(stage, writer, kills);
            String written = writer.result();
            Path behind = stage.export().resolve("f");
            assertThat(Files.size(behind)).isEqualTo((long) mebibytes << 20);
            assertThat(String.valueOf(Stage.read(behind))).isEqualTo(written);
        }
    }

    private static void killServer(Stage stage, Program program, int times) {
        for (int i = 0; i < times; i++) {
            program.meet();
            stage.server().kill();
            program.goOn();
            stage.server().restart();
        }
    }

    @ParameterizedTest(name = "names and an open file go on after a restart, NFS {0}")
    @ValueSource(strings = {"4.1", "3"})
    @Tag("slow")
    void namesGoOn(String version) {
        try (Stage stage = new Stage();
                Program program = Program.names(stage.mount(version))) {
            killServer(stage, program, 1);
            assertThat(program.result()).isEqualTo("done");
            assertThat(stage.export().resolve("open")).hasSize(300);
            assertThat(stage.export().resolve("e49")).isDirectory();
            assertThat(stage.export().resolve("d49")).doesNotExist();
        }
    }
}
