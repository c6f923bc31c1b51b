package io.efc.nfs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Errno;
import io.efc.nfs.NfsAttr;
import io.efc.nfs.NfsException;
import io.efc.nfs.NfsSetAttr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** NFSv3's structures against bytes written out by hand. */
class Nfs3CodecTest {
    /** fattr3: a character device 5:300, mode 4755, two links, uid 1000, gid 100. */
    private static final String ATTR = "00000004" // type
            + "000009ed" // mode
            + "00000002" // nlink
            + "000003e8" // uid
            + "00000064" // gid
            + "0000000100000002" // size
            + "0000000000001000" // used
            + "000000050000012c" // rdev
            + "0000000000000007" // fsid
            + "00000000000000ff" // fileid
            + "5f5e100000000001" // atime
            + "5f5e100100000002" // mtime
            + "ffffffff3b9ac9ff"; // ctime, beyond 2038 and just below the next second

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    private static void read(byte[] data, Consumer<XdrReader> test) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment s = arena.allocate(data.length + 1L);
            MemorySegment.copy(data, 0, s, ValueLayout.JAVA_BYTE, 0, data.length);
            test.accept(new XdrReader().wrap(s, 0, data.length));
        }
    }

    private static String written(Consumer<XdrWriter> what) {
        try (Arena arena = Arena.ofConfined()) {
            XdrWriter w = new XdrWriter(arena, 256, 256);
            what.accept(w);
            return HexFormat.of().formatHex(w.buffer().asSlice(0, w.position()).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Test
    void readsAttributes() {
        read(hex(ATTR), r -> {
            NfsAttr a = Nfs3Codec.attr(r);
            assertThat(a.mode()).isEqualTo(0020000 | 04755);
            assertThat(a.nlink()).isEqualTo(2);
            assertThat(a.uid()).isEqualTo(1000);
            assertThat(a.gid()).isEqualTo(100);
            assertThat(a.size()).isEqualTo((1L << 32) + 2);
            assertThat(a.used()).isEqualTo(4096);
            assertThat(Nfs3Codec.major(a.rdev())).isEqualTo(5);
            assertThat(Nfs3Codec.minor(a.rdev())).isEqualTo(300);
            assertThat(a.fsid()).isEqualTo(7);
            assertThat(a.fileId()).isEqualTo(255);
            assertThat(a.atime()).isEqualTo(1_600_000_000_000_000_001L);
            assertThat(a.mtime()).isEqualTo(1_600_000_001_000_000_002L);
            assertThat(a.ctime()).isEqualTo(4_294_967_295_999_999_999L);
            assertThat(r.remaining()).isZero();
        });
        assertThat(hex(ATTR)).hasSize(Nfs3Codec.FATTR_BYTES);
    }

    @Test
    void theChangeNumberMovesWithEachTimeAndWithTheSize() {
        read(hex(ATTR), r -> {
            long change = Nfs3Codec.attr(r).change();
            for (int at : new int[] {27, 75, 83}) {
                byte[] other = hex(ATTR);
                other[at] ^= 1;
                read(other, o -> assertThat(Nfs3Codec.attr(o).change()).isNotEqualTo(change));
            }
        });
    }

    @Test
    void refusesATypeThatIsNone() {
        for (String type : new String[] {"00000000", "00000008", "ffffffff"}) {
            read(
                    hex(type + ATTR.substring(8)),
                    r -> assertThatThrownBy(() -> Nfs3Codec.attr(r))
                            .isInstanceOf(XdrException.class)
                            .hasMessageContaining("ftype3"));
        }
    }

    @Test
    void writesOnlyTheAttributesThatChange() {
        assertThat(written(w -> Nfs3Codec.putAttr(w, NfsSetAttr.NONE))).isEqualTo("00000000".repeat(6));
        assertThat(written(w -> Nfs3Codec.putAttr(
                        w, new NfsSetAttr(0100755, 1, 2, 3L, NfsSetAttr.NOW, 1_600_000_000_000_000_001L))))
                .isEqualTo(
                        "00000001000001ed" // mode without type
                                + "0000000100000001"
                                + "0000000100000002"
                                + "000000010000000000000003"
                                + "00000001" // atime: the server's clock
                                + "000000025f5e100000000001");
    }

    @Test
    void refusesTimesThatTheProtocolCannotSay() {
        for (long seconds : new long[] {-1, 1L << 32}) {
            NfsSetAttr change = new NfsSetAttr(null, null, null, null, null, seconds * 1_000_000_000L);
            assertThatThrownBy(() -> written(w -> Nfs3Codec.putAttr(w, change)))
                    .isInstanceOfSatisfying(
                            NfsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
        }
    }

    private static byte[] listing(String... names) {
        ByteBuffer b = ByteBuffer.allocate(1 << 16);
        b.putInt(0).putLong(77);
        long cookie = 1;
        for (String name : names) {
            byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
            b.putInt(1).putLong(100 + cookie).putInt(bytes.length).put(bytes);
            b.position(XdrWriter.padded(b.position()));
            b.putLong(cookie++);
            b.putInt(1).put(hex(ATTR)).putInt(1).putInt(4).putInt(42);
        }
        b.putInt(0).putInt(1);
        return Arrays.copyOf(b.array(), b.position());
    }

    @Test
    void readsAListingWithoutDotsUpToTheMostEntries() {
        read(listing(".", "..", "a", "b", "c"), r -> {
            Nfs3Names.Listing page = new Nfs3Names.Listing(0, 0, 10);
            page.take(r);
            assertThat(page.entries)
                    .extracting(e -> new String(e.name(), StandardCharsets.US_ASCII))
                    .containsExactly("a", "b", "c");
            assertThat(page.eof).isTrue();
            assertThat(page.verifier).isEqualTo(77);
            assertThat(page.entries.getFirst().fileId()).isEqualTo(103);
            assertThat(page.entries.getFirst().entry()).isNotNull();
        });
        read(listing(".", "a", "b", "c"), r -> {
            Nfs3Names.Listing page = new Nfs3Names.Listing(0, 0, 2);
            page.take(r);
            assertThat(page.entries).hasSize(2);
            assertThat(page.eof).isFalse();
            assertThat(page.cookie).isEqualTo(3);
        });
    }

    @Test
    void refusesNamesThatAreNoComponents() {
        for (String bad : new String[] {"", "a/b", "/", "a\0b"}) {
            read(
                    listing("good", bad),
                    r -> assertThatThrownBy(() -> new Nfs3Names.Listing(0, 0, 10).take(r))
                            .isInstanceOf(XdrException.class));
        }
    }
}
