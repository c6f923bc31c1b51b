package io.efc.nfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class NfsConfigTest {
    private final NfsConfig config = NfsConfig.of("nas", 2049, "/export");

    @Test
    void hasTheDefaultsThatAreDocumented() {
        assertThat(config.version()).isEqualTo(NfsVersion.V4_1);
        assertThat(config.nconnect()).isEqualTo(1);
        assertThat(config.readBytesMax()).isEqualTo(1 << 20);
        assertThat(config.writeBytesMax()).isEqualTo(1 << 20);
        assertThat(config.mountPort()).isZero();
        assertThat(config.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.requestTimeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(config.softTimeout()).isZero();
        assertThat(config.reservedPort()).isFalse();
        assertThat(config.uncommittedBytesMax()).isEqualTo(64 << 20);
        assertThat(config.location()).isEqualTo("nfs://nas:2049/export");
        assertThat(NfsConfig.of("::1", 1, "/").location()).isEqualTo("nfs://[::1]:1/");
    }

    @Test
    void refusesWhatCannotBeAndSaysWhatIsAccepted() {
        assertThatThrownBy(() -> NfsConfig.of(" ", 2049, "/")).hasMessageContaining("host");
        assertThatThrownBy(() -> NfsConfig.of("nas", 0, "/")).hasMessageContaining("1 to 65535");
        assertThatThrownBy(() -> NfsConfig.of("nas", 2049, "export")).hasMessageContaining("'export'");
        assertThatThrownBy(() -> config.withNconnect(17)).hasMessageContaining("1 to 16");
        assertThatThrownBy(() -> config.withNconnect(0)).hasMessageContaining("1 to 16");
        assertThatThrownBy(() -> config.withTransfer(5000, 4096)).hasMessageContaining("rsize is 5000");
        assertThatThrownBy(() -> config.withTransfer(4096, 32 << 20)).hasMessageContaining("wsize");
        assertThatThrownBy(() -> config.withMountPort(-1)).hasMessageContaining("mountport");
        assertThatThrownBy(() -> config.withTimeouts(Duration.ZERO, Duration.ofSeconds(1), Duration.ZERO))
                .hasMessageContaining("connect timeout");
        assertThatThrownBy(() -> config.withUncommittedBytesMax(1)).hasMessageContaining("1 MiB");
    }

    @Test
    void readsVersionsAsMountOptionsNameThem() {
        assertThat(NfsVersion.parse("3")).isEqualTo(NfsVersion.V3);
        assertThat(NfsVersion.parse("4.1")).isEqualTo(NfsVersion.V4_1);
        assertThat(NfsVersion.parse("4")).isEqualTo(NfsVersion.V4_1);
        assertThatThrownBy(() -> NfsVersion.parse("2")).hasMessageContaining("accepted: 3, 4, 4.1, 4.2");
    }
}
