package io.efc.nfs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class XdrTest {
    static byte[] bytes(XdrWriter w) {
        return w.buffer().asSlice(0, w.position()).toArray(ValueLayout.JAVA_BYTE);
    }

    static XdrReader reader(String hex) {
        byte[] b = HexFormat.of().parseHex(hex.replace(" ", ""));
        MemorySegment s = Arena.ofAuto().allocate(Math.max(1, b.length), 1);
        MemorySegment.copy(b, 0, s, ValueLayout.JAVA_BYTE, 0, b.length);
        return new XdrReader().wrap(s, 0, b.length);
    }

    static String hex(XdrWriter w) {
        return HexFormat.of().formatHex(bytes(w));
    }

    @Test
    void writesEachTypeAsTheStandardSays() {
        XdrWriter w = new XdrWriter(Arena.ofAuto(), 64, 1024);
        w.i32(-2);
        w.i64(0x0102030405060708L);
        w.bool(true);
        w.bool(false);
        w.opaque(new byte[] {'s', 'i', 'l', 'l', 'y'});
        w.opaqueFixed(new byte[] {9, 8, 7});
        w.opaque(new byte[] {1, 2, 3, 4});
        w.opaque(new byte[0]);
        assertThat(hex(w))
                .isEqualTo("fffffffe" + "0102030405060708" + "00000001" + "00000000" + "0000000573696c6c79000000"
                        + "09080700" + "0000000401020304" + "00000000");
        w.patch(0, 7);
        assertThat(hex(w)).startsWith("00000007" + "01020304");
    }

    @Test
    void readsBackWhatItWrote() {
        XdrReader r = reader("fffffffe 8000000000000001 00000001 00000005 73696c6c79000000 09080700 00000000 ffffffff");
        assertThat(r.i32()).isEqualTo(-2);
        assertThat(r.i64()).isEqualTo(Long.MIN_VALUE + 1);
        assertThat(r.bool()).isTrue();
        assertThat(r.opaque(5)).isEqualTo(new byte[] {'s', 'i', 'l', 'l', 'y'});
        assertThat(r.opaqueFixed(3)).isEqualTo(new byte[] {9, 8, 7});
        assertThat(r.opaque(0)).isEmpty();
        assertThat(r.u32()).isEqualTo(0xffffffffL);
        assertThat(r.remaining()).isZero();
    }

    @Test
    void growsUpToItsLimitAndKeepsWhatWasWritten() {
        XdrWriter w = new XdrWriter(Arena.ofAuto(), 64, 1000);
        for (int i = 0; i < 250; i++) {
            w.i32(i);
        }
        assertThatThrownBy(() -> w.i32(250)).isInstanceOf(XdrException.class);
        XdrReader r = new XdrReader().wrap(w.buffer(), 0, w.position());
        for (int i = 0; i < 250; i++) {
            assertThat(r.i32()).isEqualTo(i);
        }
    }

    @Test
    void refusesLengthsBeyondTheLimitOrTheBuffer() {
        assertThatThrownBy(() -> reader("00000005 0102030405000000").opaque(4)).hasMessageContaining("more than 4");
        assertThatThrownBy(() -> reader("00000005 01020304").opaque(100)).hasMessageContaining("are left");
        assertThatThrownBy(() -> reader("ffffffff").opaque(100)).hasMessageContaining("4294967295");
        assertThatThrownBy(() -> reader("7fffffff").opaque(Integer.MAX_VALUE)).isInstanceOf(XdrException.class);
        assertThatThrownBy(() -> reader("00000002").bool()).hasMessageContaining("boolean");
        assertThatThrownBy(() -> reader("000000").i32()).isInstanceOf(XdrException.class);
        assertThatThrownBy(() -> reader("00000000 000000").i64()).isInstanceOf(XdrException.class);
        assertThatThrownBy(() -> reader("00000003 010203").opaque(8)).isInstanceOf(XdrException.class);
        assertThatThrownBy(() -> reader("00000003 010203").skipOpaque(8)).isInstanceOf(XdrException.class);
    }

    @Test
    void standsBehindWhatItPassesOver() {
        XdrReader r = reader("00000003 01020300 00000007");
        assertThat(r.skipOpaque(3)).isEqualTo(3);
        assertThat(r.i32()).isEqualTo(7);
    }
}
