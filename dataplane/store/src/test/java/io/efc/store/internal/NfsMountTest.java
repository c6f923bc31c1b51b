package io.efc.store.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.nfs.NfsConfig;
import io.efc.nfs.NfsVersion;
import io.efc.store.StoreConfig;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NfsMountTest {
    private static NfsConfig parse(String mountPoint, Map<String, String> options) {
        return NfsMount.parse(new StoreConfig(mountPoint, options, false)).config();
    }

    @ParameterizedTest
    @CsvSource({
        "nfs://nas:/export, nas, 2049, /export",
        "nfs://nas/export, nas, 2049, /export",
        "nfs://nas:12049/export/a b, nas, 12049, /export/a b",
        "nfs://10.0.0.1:12049:/export, 10.0.0.1, 12049, /export",
        "nfs://[fe80::1]:/x, fe80::1, 2049, /x",
        "nfs://[::1]:99/x, ::1, 99, /x",
        "nfs://nas:/, nas, 2049, /",
        "cpfs://nas.example.com:/share, nas.example.com, 2049, /share",
    })
    void readsEveryFormOfAMountPoint(String mountPoint, String host, int port, String path) {
        NfsConfig config = parse(mountPoint, Map.of());
        assertThat(config.host()).isEqualTo(host);
        assertThat(config.port()).isEqualTo(port);
        assertThat(config.exportPath()).isEqualTo(path);
        assertThat(config.version()).isEqualTo(mountPoint.startsWith("cpfs") ? NfsVersion.V3 : NfsVersion.V4_1);
    }

    @Test
    void readsOptionsAsMountDoes() {
        NfsConfig c = parse(
                "nfs://nas:/export",
                Map.of(
                        "port",
                        "12049",
                        "mountport",
                        "12048",
                        "nconnect",
                        "4",
                        "vers",
                        "3",
                        "rsize",
                        "262144",
                        "wsize",
                        "512Ki",
                        "timeo",
                        "600",
                        "noresvport",
                        "",
                        "hard",
                        "true",
                        "proto",
                        "tcp"));
        assertThat(c.port()).isEqualTo(12049);
        assertThat(c.mountPort()).isEqualTo(12048);
        assertThat(c.nconnect()).isEqualTo(4);
        assertThat(c.version()).isEqualTo(NfsVersion.V3);
        assertThat(c.readBytesMax()).isEqualTo(262144);
        assertThat(c.writeBytesMax()).isEqualTo(524288);
        assertThat(c.requestTimeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(c.softTimeout()).isZero();
        assertThat(c.reservedPort()).isFalse();
        assertThat(parse("nfs://n:/e", Map.of("soft", "", "timeo", "50", "retrans", "1"))
                        .softTimeout())
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(NfsMount.parse(new StoreConfig("nfs://n:/e", Map.of("nolock", ""), false))
                        .locks())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "nconect, 4, unknown option 'nconect'; did you mean 'nconnect'?",
        "ncnonect, 4, did you mean 'nconnect'?",
        "Port, 4, did you mean 'port'?",
        "frobnicate, 4, known options:",
        "nconnect, 17, option nconnect='17'; accepted: a whole number from 1 to 16",
        "nconnect, four, option nconnect='four'; accepted: a whole number from 1 to 16",
        "port, 70000, option port='70000'; accepted: a whole number from 1 to 65535",
        "vers, 2, 'option vers=''2''; accepted: 3, 4, 4.1, 4.2'",
        "rsize, 1000, option rsize='1000'; accepted: multiples of 4096",
        "wsize, 15Gx, option wsize='15Gx'; accepted: a number of bytes",
        "proto, udp, option proto='udp'; accepted: tcp",
        "sec, krb5, option sec='krb5'; accepted: sys",
        "soft, maybe, 'option soft=''maybe''; accepted: true, false, or no value'",
    })
    void saysWhatIsWrongWithAnOption(String key, String value, String message) {
        assertThatThrownBy(() -> parse("nfs://nas:/export", Map.of(key, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("nfs://nas:/export")
                .hasMessageContaining(message);
    }

    @Test
    void twoDifferentPortsAreRefused() {
        assertThatThrownBy(() -> parse("nfs://nas:1/export", Map.of("port", "2")))
                .hasMessageContaining("option port='2'; accepted: 1, which the mountPoint names");
        assertThat(parse("nfs://nas:2/export", Map.of("port", "2")).port()).isEqualTo(2);
    }
}
