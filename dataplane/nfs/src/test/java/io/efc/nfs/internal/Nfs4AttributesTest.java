package io.efc.nfs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.nfs.NfsAttr;
import io.efc.nfs.NfsSetAttr;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class Nfs4AttributesTest {
    /** type, change, size, fsid, fileid | mode, numlinks, owner "1000", group "users@example", rawdev, used, times. */
    private static final String STAT = "00000002 0010011a 0030a23a"
            + "00000084"
            + "00000001 000000000000abcd 0000000000001234"
            + "0000000000000007 0000000000000009 0000000000000042"
            + "000001a4 00000002 00000004 31303030 0000000d 7573657273406578616d706c65000000"
            + "00000008 00000103 0000000000002000"
            + "00000000000003e8 00000001 00000000000003e9 00000002 ffffffffffffffff 3b9ac9ff";

    @Test
    void readsWhatTheKernelWouldCallStat() {
        XdrReader r = XdrTest.reader(STAT + "0000002a");
        NfsAttr a = new Nfs4Attributes().decode(r).toAttr();
        assertThat(a.mode()).isEqualTo(0100644);
        assertThat(a.change()).isEqualTo(0xabcd);
        assertThat(a.size()).isEqualTo(0x1234);
        assertThat(a.fileId()).isEqualTo(0x42);
        assertThat(a.nlink()).isEqualTo(2);
        assertThat(a.uid()).isEqualTo(1000);
        assertThat(a.gid()).as("a name is nobody's number").isEqualTo(65534);
        assertThat(a.rdev()).isEqualTo(0x100803L);
        assertThat(a.used()).isEqualTo(0x2000);
        assertThat(a.atime()).isEqualTo(1_000_000_000_001L);
        assertThat(a.ctime()).isEqualTo(1_001_000_000_002L);
        assertThat(a.mtime()).isEqualTo(-1);
        assertThat(r.i32()).as("what follows").isEqualTo(42);
    }

    @Test
    void refusesAttributesThatDoNotFitTheirLength() {
        assertThatThrownBy(() -> new Nfs4Attributes().decode(XdrTest.reader(STAT.replace("00000084", "00000090"))))
                .isInstanceOf(XdrException.class);
        assertThatThrownBy(() -> new Nfs4Attributes().decode(XdrTest.reader("00000009")))
                .hasMessageContaining("more than 8");
        assertThatThrownBy(() -> new Nfs4Attributes().decode(XdrTest.reader("00000001 00001000 00000000")))
                .hasMessageContaining("attribute 12 was not asked for");
    }

    @Test
    void writesOnlyWhatChanges() {
        XdrWriter w = new XdrWriter(Arena.ofAuto(), 64, 1024);
        Nfs4Attributes.put(w, new NfsSetAttr(0100755, 7, null, 9L, NfsSetAttr.NOW, -1L));
        assertThat(XdrTest.hex(w))
                .isEqualTo("00000002" + "00000010" + "00410012" // size | mode, owner, atime, mtime
                        + "00000028"
                        + "0000000000000009" + "000001ed" + "00000001" + "37000000"
                        + "00000000"
                        + "00000001" + "ffffffffffffffff" + "3b9ac9ff");
        w.reset(0);
        Nfs4Attributes.put(w, NfsSetAttr.NONE);
        assertThat(XdrTest.hex(w)).isEqualTo("00000002" + "00000000" + "00000000" + "00000000");
    }

    @Test
    void takesDeviceNumbersApart() {
        for (long major : new long[] {0, 8, 259, 0xfff, 0xfffff}) {
            for (long minor : new long[] {0, 1, 255, 256, 0xfffff}) {
                long device = Nfs4Attributes.device(major, minor);
                assertThat(Nfs4Attributes.major(device)).isEqualTo((int) major);
                assertThat(Nfs4Attributes.minor(device)).isEqualTo((int) minor);
            }
        }
        assertThat(Nfs4Attributes.device(8, 1)).isEqualTo(0x801);
    }
}
