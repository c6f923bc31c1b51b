package io.efc.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.ByteSize;
import io.efc.base.Metrics;
import io.efc.cache.Medium;
import io.efc.cache.TierConfig;
import io.efc.rpc.Address;
import io.efc.rpc.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerConfigTest {
    private static WorkerConfig config(String host) {
        return WorkerConfig.of(
                "w0",
                "node",
                new Address.Tcp("127.0.0.1", 1),
                new Secret("0123456789abcdef".getBytes(StandardCharsets.UTF_8)),
                1,
                new Address.Tcp(host, 0),
                null,
                List.of(new TierConfig(Medium.MEM, Path.of("/dev/shm/x"), ByteSize.ofMiB(32))));
    }

    @Test
    void theDefaultsAreThese() {
        WorkerConfig c = config("10.0.0.1");
        assertThat(c.advertise()).isEqualTo("10.0.0.1");
        assertThat(c.fetchesMax()).isEqualTo(32);
        assertThat(c.fetchQueueMax()).isEqualTo(1024);
        assertThat(c.connectionsMax()).isEqualTo(1024);
        assertThat(c.joinTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(c.quotaBytes()).isEqualTo(32 << 20);
    }

    @Test
    void aWildcardCannotBeAdvertised() {
        assertThatThrownBy(() -> Worker.start(config("0.0.0.0"), new Metrics()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'0.0.0.0'");
        assertThat(config("0.0.0.0").withAdvertise("host").advertise()).isEqualTo("host");
    }
}
