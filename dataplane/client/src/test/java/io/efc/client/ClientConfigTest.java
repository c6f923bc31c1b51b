package io.efc.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.ByteSize;
import io.efc.fuse.FuseConfig;
import io.efc.store.StoreConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClientConfigTest {
    private static final StoreConfig STORE = new StoreConfig("local:///data", Map.of(), false);

    private static ClientConfig withMounts(ClientConfig.Mount... mounts) {
        ClientConfig d = ClientConfig.of(Path.of("/mnt/x"), "demo", STORE, Path.of("/run/efc/x"));
        return new ClientConfig(
                d.mountPoint(),
                d.dataset(),
                d.datasetNumber(),
                List.of(mounts),
                d.fuse(),
                d.consistency(),
                d.readahead(),
                d.writeback(),
                d.nodeCache(),
                d.stateDirectory(),
                d.inodesMax(),
                d.cluster());
    }

    @Test
    void defaultsArePinned() {
        assertThat(ClientConfig.of(Path.of("/mnt/x"), "demo", STORE, Path.of("/run/efc/x")))
                .isEqualTo(new ClientConfig(
                        Path.of("/mnt/x"),
                        "demo",
                        1,
                        List.of(new ClientConfig.Mount("/", STORE)),
                        FuseConfig.defaults("efc:demo"),
                        new ClientConfig.Validity(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1)),
                        new ClientConfig.Readahead(ByteSize.ofMiB(1), ByteSize.ofMiB(16), ByteSize.ofMiB(64), 8),
                        new ClientConfig.Writeback(ByteSize.ofMiB(64), 8),
                        Optional.empty(),
                        Path.of("/run/efc/x"),
                        16L << 20,
                        Optional.empty()));
    }

    @Test
    void readsWhatConsistencySays() {
        Duration check = Duration.ofSeconds(5);
        assertThat(ClientConfig.Consistency.parse("strong", check)).isEqualTo(new ClientConfig.Strong(check));
        assertThat(ClientConfig.Consistency.parse("close-to-open", check)).isEqualTo(new ClientConfig.CloseToOpen());
        Duration ttl = Duration.ofMillis(1500);
        assertThat(ClientConfig.Consistency.parse("ttl=1.5s", check))
                .isEqualTo(new ClientConfig.Validity(ttl, ttl, ttl))
                .hasToString("ttl=1500ms");
        for (String wrong : List.of("strng", "Strong", "ttl", "none", "")) {
            assertThatThrownBy(() -> ClientConfig.Consistency.parse(wrong, check))
                    .hasMessage(
                            "consistency '" + wrong + "' is none of strong, close-to-open, ttl=<duration> (ttl=1s)");
        }
        assertThatThrownBy(() -> ClientConfig.Consistency.parse("ttl=soon", check))
                .hasMessageContaining("'soon'");
        assertThatThrownBy(() -> new ClientConfig.Strong(Duration.ZERO)).hasMessageContaining("ufsCheckInterval");
    }

    @Test
    void refusesMountsThatHideEachOther() {
        assertThatThrownBy(() -> withMounts(new ClientConfig.Mount("/a", STORE), new ClientConfig.Mount("/a/b", STORE)))
                .hasMessageContaining("'/a/b' is inside mount '/a'");
        assertThatThrownBy(() -> withMounts(new ClientConfig.Mount("/a", STORE), new ClientConfig.Mount("/a", STORE)))
                .hasMessageContaining("two mounts have the path '/a'");
        assertThatThrownBy(() -> withMounts(new ClientConfig.Mount("/", STORE), new ClientConfig.Mount("/a", STORE)))
                .hasMessageContaining("is inside mount '/'");
        assertThat(withMounts(new ClientConfig.Mount("/a", STORE), new ClientConfig.Mount("/ab", STORE))
                        .mounts())
                .hasSize(2);
    }

    @Test
    void refusesPathsThatAreNotPlain() {
        for (String path : List.of("", "a", "/a/", "//a", "/a/../b", "/.")) {
            assertThatThrownBy(() -> new ClientConfig.Mount(path, STORE)).hasMessageContaining("'" + path + "'");
        }
    }

    @Test
    void refusesStateInsideTheMount() {
        assertThatThrownBy(() -> ClientConfig.of(Path.of("/mnt/x"), "demo", STORE, Path.of("/mnt/x/state")))
                .hasMessageContaining("inside the mount point");
    }

    @Test
    void refusesReadaheadBeyondItsMemory() {
        assertThatThrownBy(
                        () -> new ClientConfig.Readahead(ByteSize.ofMiB(1), ByteSize.ofMiB(16), ByteSize.ofMiB(8), 4))
                .hasMessageContaining("16Mi")
                .hasMessageContaining("8Mi");
        assertThatThrownBy(() -> new ClientConfig.Readahead(ByteSize.ofMiB(1), ByteSize.ofMiB(4), ByteSize.ofMiB(8), 0))
                .hasMessageContaining("fetches");
    }

    @Test
    void keepsTheSecretOutOfItsText() {
        ClientConfig.Cluster c = new ClientConfig.Cluster(
                java.net.InetSocketAddress.createUnresolved("m", 1), new byte[] {1, 2, 3}, "node-1");
        assertThat(c.toString()).contains("node-1").doesNotContain("secret").doesNotContain("[B@");
    }
}
