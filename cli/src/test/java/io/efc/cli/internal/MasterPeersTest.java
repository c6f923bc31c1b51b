package io.efc.cli.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.rpc.Address;
import org.junit.jupiter.api.Test;

final class MasterPeersTest {
    @Test
    void readsThreeMasters() {
        assertThat(MasterProcess.peers("b", "a=h1:1,b=h2:2,c=h3:3").replication())
                .containsEntry("b", new Address.Tcp("h2", 2))
                .hasSize(3);
    }

    @Test
    void refusesTwoMastersAndWhatIsNoListWithTheReason() {
        assertThatThrownBy(() -> MasterProcess.peers("a", "a=h1:1,b=h2:2"))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("2 masters stop when either fails");
        assertThatThrownBy(() -> MasterProcess.peers(null, "a=h1:1,b=h2:2,c=h3:3"))
                .hasMessageContaining("--name");
        assertThatThrownBy(() -> MasterProcess.peers("d", "a=h1:1,b=h2:2,c=h3:3"))
                .hasMessageContaining("'d'");
        assertThatThrownBy(() -> MasterProcess.peers("a", "a=h1:1,a=h2:2,c=h3:3"))
                .hasMessageContaining("twice");
        assertThatThrownBy(() -> MasterProcess.peers("a", "h1:1")).hasMessageContaining("name=host:port");
    }

    @Test
    void aMasterIsLookedForAtOneAddressOrSeveral() {
        assertThat(HostPort.any("h:1")).isEqualTo(new Address.Tcp("h", 1));
        assertThat(HostPort.any("h:1,i:2,j:3").toString()).isEqualTo("h:1,i:2,j:3");
        assertThatThrownBy(() -> HostPort.any("h:1,,j:3")).isInstanceOf(Failure.class);
    }
}
