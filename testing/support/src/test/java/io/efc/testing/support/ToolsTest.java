package io.efc.testing.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ToolsTest {
    @Test
    void findsAProgramInPath() {
        assertThat(Tools.require("sh").getFileName()).isEqualTo(Path.of("sh"));
    }

    @Test
    void namesThePackageOfAMissingProgramInOneLine() {
        assertThatThrownBy(() -> Tools.require("no-such-tool"))
                .hasMessage("the program 'no-such-tool' is not installed: apt-get install no-such-tool");
    }
}
