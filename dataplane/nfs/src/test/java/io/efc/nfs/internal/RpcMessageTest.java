package io.efc.nfs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Credentials;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class RpcMessageTest {
    @Test
    void writesACallsHeadWithTheCallersCredentials() {
        XdrWriter w = new XdrWriter(Arena.ofAuto(), 64, 1024);
        RpcMessage.putCall(w, new Credentials(1000, 100, new int[] {3, 4}), 100003, 4, 1);
        assertThat(XdrTest.hex(w))
                .isEqualTo(
                        "00000000" + "00000000" + "00000002" + "000186a3" + "00000004" + "00000001" // xid .. procedure
                                + "00000001" + "00000020" // AUTH_SYS, 32 bytes
                                + "00000000" + "00000003" + "65666300" + "000003e8" + "00000064"
                                + "00000002" + "00000003" + "00000004"
                                + "00000000" + "00000000");
    }

    @Test
    void sendsSixteenGroupsAtMost() {
        int[] groups = new int[40];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = 500 + i;
        }
        XdrWriter w = new XdrWriter(Arena.ofAuto(), 64, 1024);
        RpcMessage.putCall(w, new Credentials(1, 1, groups), 1, 1, 1);
        XdrReader r = new XdrReader().wrap(w.buffer(), 24, w.position());
        assertThat(r.i32()).isEqualTo(1);
        int bytes = r.i32();
        int at = r.position();
        r.skip(4 + 8 + 4 + 4);
        assertThat(r.i32()).isEqualTo(16);
        assertThat(r.i32()).isEqualTo(500);
        r.skip(14 * 4);
        assertThat(r.i32()).isEqualTo(515);
        assertThat(r.position()).isEqualTo(at + bytes);
        assertThat(r.i64()).isZero();
        assertThat(r.remaining()).isZero();
    }

    @Test
    void readsWhatTheServerMadeOfACall() {
        XdrReader r = XdrTest.reader("00000000 00000000 00000000 00000000 0000002a");
        assertThat(RpcMessage.acceptReply(r)).isEqualTo(RpcOutcome.SUCCESS);
        assertThat(r.i32()).isEqualTo(42);
        assertThat(RpcMessage.acceptReply(XdrTest.reader("00000000 00000006 00000005 0102030405000000 00000002")))
                .isEqualTo(RpcOutcome.PROG_MISMATCH);
        assertThat(RpcMessage.acceptReply(XdrTest.reader("00000001 00000001 00000005")))
                .isEqualTo(RpcOutcome.AUTH_ERROR);
        assertThat(RpcMessage.acceptReply(XdrTest.reader("00000001 00000000 00000002 00000002")))
                .isEqualTo(RpcOutcome.RPC_MISMATCH);
    }

    @Test
    void refusesAHeadThatIsNone() {
        for (String hex : new String[] {
            "", "00000002", "00000000 00000000 00000191", "00000000 00000000 00000000 00000006", "00000001 00000002"
        }) {
            assertThatThrownBy(() -> RpcMessage.acceptReply(XdrTest.reader(hex)))
                    .as(hex)
                    .isInstanceOf(XdrException.class);
        }
    }
}
