package io.efc.fuse.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.fuse.FuseFileSystem;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Golden bytes: what each view reads from and writes into known bytes (little endian). */
class StructTest {
    private static final HexFormat HEX = HexFormat.of();

    /** Bytes 00 01 02 ...: a field at offset o reads as o, o+1, ... in its bytes. */
    private static <T extends Struct> T counting(T struct) {
        assertThat(ByteOrder.nativeOrder()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
        MemorySegment m = Arena.global().allocate(512, 8);
        for (int i = 0; i < 256; i++) {
            m.set(ValueLayout.JAVA_BYTE, 8L + i, (byte) i);
        }
        struct.wrap(m, 8);
        return struct;
    }

    private static int u32(int offset) {
        return offset | ((offset + 1) << 8) | ((offset + 2) << 16) | ((offset + 3) << 24);
    }

    private static long u64(int offset) {
        return (u32(offset) & 0xffff_ffffL) | (long) u32(offset + 4) << 32;
    }

    /** What all no-argument getters of the view return, by name. */
    private static Map<String, Object> getters(Struct s) throws ReflectiveOperationException {
        TreeMap<String, Object> all = new TreeMap<>();
        for (Method m : s.getClass().getDeclaredMethods()) {
            boolean value = m.getReturnType() == int.class || m.getReturnType() == long.class;
            if (Modifier.isPublic(m.getModifiers()) && m.getParameterCount() == 0 && value && !m.isSynthetic()) {
                all.put(m.getName(), m.invoke(s));
            }
        }
        return all;
    }

    private static void assertReads(Struct s, Object... namesAndValues) throws ReflectiveOperationException {
        TreeMap<String, Object> expected = new TreeMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            expected.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        assertThat(getters(counting(s))).as(s.getClass().getSimpleName()).isEqualTo(expected);
    }

    @Test
    void readsRequests() throws ReflectiveOperationException {
        assertReads(
                new InHeader(),
                "length",
                u32(0),
                "opcode",
                u32(4),
                "unique",
                u64(8),
                "nodeId",
                u64(16),
                "uid",
                u32(24),
                "gid",
                u32(28),
                "pid",
                u32(32),
                "extensionBytes",
                (36 | 37 << 8) * 8);
        assertReads(new MknodIn(), "mode", u32(0), "rdev", u32(4), "umask", u32(8));
        assertReads(new MkdirIn(), "mode", u32(0), "umask", u32(4));
        assertReads(new RenameIn(), "newParent", u64(0));
        assertReads(new Rename2In(), "newParent", u64(0), "flags", u32(8));
        assertReads(new LinkIn(), "oldNodeId", u64(0));
        assertReads(new OpenIn(), "flags", u32(0));
        assertReads(new CreateIn(), "flags", u32(0), "mode", u32(4), "umask", u32(8));
        assertReads(new ReleaseIn(), "fh", u64(0), "flags", u32(8), "lockOwner", u64(16));
        assertReads(new FlushIn(), "fh", u64(0), "lockOwner", u64(16));
        assertReads(
                new ReadIn(), "fh", u64(0), "offset", u64(8), "size", u32(16), "lockOwner", u64(24), "flags", u32(32));
        assertReads(
                new WriteIn(), "fh", u64(0), "offset", u64(8), "size", u32(16), "lockOwner", u64(24), "flags", u32(32));
        assertReads(new FsyncIn(), "fh", u64(0));
        assertReads(new SetxattrIn(), "size", u32(0), "flags", u32(4));
        assertReads(new GetxattrIn(), "size", u32(0));
        assertReads(
                new LkIn(),
                "fh",
                u64(0),
                "owner",
                u64(8),
                "start",
                u64(16),
                "end",
                u64(24),
                "type",
                u32(32),
                "pid",
                u32(36));
        assertReads(new AccessIn(), "mask", u32(0));
        assertReads(new InterruptIn(), "unique", u64(0));
        assertReads(new ForgetIn(), "nlookup", u64(0));
        assertReads(new BatchForgetIn(), "count", u32(0));
        assertReads(new ForgetOne(), "nodeId", u64(0), "nlookup", u64(8));
        assertReads(new FallocateIn(), "fh", u64(0), "offset", u64(8), "length", u64(16), "mode", u32(24));
        assertReads(new LseekIn(), "fh", u64(0), "offset", u64(8), "whence", u32(16));
        assertReads(new ExtHeader(), "size", u32(0), "type", u32(4));
        assertReads(
                new CopyFileRangeIn(),
                "nodeIdIn",
                0L,
                "fhIn",
                u64(0),
                "offsetIn",
                u64(8),
                "nodeIdOut",
                u64(16),
                "fhOut",
                u64(24),
                "offsetOut",
                u64(32),
                "length",
                u64(40),
                "flags",
                u64(48));
        // Bit 0 of the first field says that there is an open file: not set in 00 01 02 03.
        assertReads(new GetattrIn(), "fh", FuseFileSystem.NO_HANDLE);
        assertReads(new StatxIn(), "fh", FuseFileSystem.NO_HANDLE, "flags", u32(16), "mask", u32(20));
    }

    @Test
    void readsInitWithBothHalvesOfTheFlags() {
        MemorySegment m = Arena.global().allocate(64, 8);
        MemorySegment.copy(
                HEX.parseHex("070000002d00000000000200fbffff73fd070000"), 0, m, ValueLayout.JAVA_BYTE, 0, 20);
        InitIn in = new InitIn();
        in.wrap(m, 0);
        assertThat(in.major()).isEqualTo(7);
        assertThat(in.minor()).isEqualTo(45);
        assertThat(in.maxReadahead()).isEqualTo(131072);
        assertThat(in.flags()).isEqualTo(0x7fd_73ff_fffbL);
        m.set(ValueLayout.JAVA_BYTE, 15, (byte) 0x33);
        assertThat(in.flags()).as("without INIT_EXT").isEqualTo(0x33ff_fffbL);
    }

    @Test
    void readsEachBitOfSetattr() {
        MemorySegment m = Arena.global().allocate(SetattrIn.BYTES, 8);
        SetattrIn in = new SetattrIn();
        in.wrap(m, 0);
        m.set(ValueLayout.JAVA_LONG, SetattrIn.FH, 5);
        StringBuilder seen = new StringBuilder();
        for (int bit = 0; bit < 12; bit++) {
            m.set(ValueLayout.JAVA_INT, 0, 1 << bit);
            boolean[] has = {
                in.hasMode(),
                in.hasUid(),
                in.hasGid(),
                in.hasSize(),
                in.hasAtime(),
                in.hasMtime(),
                in.fh() == 5,
                in.atimeNow(),
                in.mtimeNow(),
                false,
                in.hasCtime(),
                in.killSuidGid()
            };
            for (int i = 0; i < has.length; i++) {
                if (has[i]) {
                    seen.append(bit).append('=').append(i).append(' ');
                }
            }
        }
        assertThat(seen.toString()).isEqualTo("0=0 1=1 2=2 3=3 4=4 5=5 6=6 7=7 8=8 10=10 11=11 ");
        assertThat(in.fh()).isEqualTo(FuseFileSystem.NO_HANDLE);
    }

    @Test
    void readsTimesBeforeAndBeyondWhatNanosecondsHold() {
        MemorySegment m = Arena.global().allocate(SetattrIn.BYTES, 8);
        SetattrIn in = new SetattrIn();
        in.wrap(m, 0);
        m.set(ValueLayout.JAVA_LONG, SetattrIn.MTIME, -1);
        m.set(ValueLayout.JAVA_INT, SetattrIn.MTIMENSEC, 999_999_999);
        assertThat(in.mtime()).isEqualTo(-1);
        m.set(ValueLayout.JAVA_LONG, SetattrIn.MTIME, 1L << 40);
        assertThat(in.mtime()).isEqualTo(Long.MAX_VALUE);
        m.set(ValueLayout.JAVA_LONG, SetattrIn.MTIME, -(1L << 40));
        assertThat(in.mtime()).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void readsFlagBits() {
        MemorySegment m = Arena.global().allocate(64, 8);
        OpenIn open = new OpenIn();
        open.wrap(m, 0);
        CreateIn create = new CreateIn();
        create.wrap(m, 0);
        ReleaseIn release = new ReleaseIn();
        release.wrap(m, 0);
        FsyncIn fsync = new FsyncIn();
        fsync.wrap(m, 0);
        WriteIn write = new WriteIn();
        write.wrap(m, 0);
        SetxattrIn setxattr = new SetxattrIn();
        setxattr.wrap(m, 0);
        LkIn lk = new LkIn();
        lk.wrap(m, 0);
        assertThat(open.killSuidGid() || create.killSuidGid() || release.flockUnlock() || fsync.dataOnly())
                .isFalse();
        m.set(ValueLayout.JAVA_INT, 4, 1);
        assertThat(open.killSuidGid()).isTrue();
        m.set(ValueLayout.JAVA_INT, 12, 1);
        assertThat(create.killSuidGid()).isTrue();
        assertThat(release.flockUnlock()).isFalse();
        m.set(ValueLayout.JAVA_INT, 12, 2);
        assertThat(release.flockUnlock()).isTrue();
        m.set(ValueLayout.JAVA_INT, 8, 1);
        assertThat(fsync.dataOnly()).isTrue();
        assertThat(setxattr.killSgid()).isTrue();
        m.set(ValueLayout.JAVA_INT, 20, 1);
        assertThat(write.fromCache()).isTrue();
        assertThat(write.killSuidGid()).isFalse();
        m.set(ValueLayout.JAVA_INT, 20, 4);
        assertThat(write.fromCache()).isFalse();
        assertThat(write.killSuidGid()).isTrue();
        m.set(ValueLayout.JAVA_INT, 40, 1);
        assertThat(lk.flock()).isTrue();
    }

    private static String bytes(MemorySegment m, int size) {
        return HEX.formatHex(m.asSlice(0, size).toArray(ValueLayout.JAVA_BYTE));
    }

    @Test
    void writesReplies() {
        MemorySegment m = Arena.global().allocate(512, 8);
        OutHeader header = new OutHeader();
        header.wrapZeroed(m, 0, OutHeader.BYTES);
        header.length(16).error(-2).unique(0x1122334455667788L);
        assertThat(bytes(m, 16)).isEqualTo("10000000" + "feffffff" + "8877665544332211");

        OpenOut open = new OpenOut();
        open.wrapZeroed(m, 0, OpenOut.BYTES);
        open.handle(7).passthrough(3).flags(0xff & ~0x80);
        assertThat(bytes(m, 16)).isEqualTo("0700000000000000" + "ff000000" + "03000000");

        WriteOut write = new WriteOut();
        write.wrapZeroed(m, 0, WriteOut.BYTES);
        write.size(5);
        assertThat(bytes(m, 8)).isEqualTo("05000000" + "00000000");

        LkOut lk = new LkOut();
        lk.wrapZeroed(m, 0, LkOut.BYTES);
        lk.conflict(1, 2, 3, 4);
        assertThat(bytes(m, 24)).isEqualTo("0200000000000000" + "0300000000000000" + "01000000" + "04000000");

        KstatfsOut statfs = new KstatfsOut();
        statfs.wrapZeroed(m, 0, KstatfsOut.BYTES);
        statfs.set(1, 2, 3, 4, 5, 4096);
        assertThat(bytes(m, 80))
                .isEqualTo("0100000000000000" + "0200000000000000" + "0300000000000000" + "0400000000000000"
                        + "0500000000000000" + "00100000" + "ff000000" + "00100000" + "00".repeat(28));

        Dirent dirent = new Dirent();
        dirent.wrap(m, 0);
        dirent.ino(1).cookie(2).nameLength(3).type(4);
        assertThat(bytes(m, 24)).isEqualTo("0100000000000000" + "0200000000000000" + "03000000" + "04000000");

        BackingMap map = new BackingMap();
        map.wrapZeroed(m, 0, BackingMap.BYTES);
        map.fd(9);
        assertThat(bytes(m, 16)).isEqualTo("09000000" + "00".repeat(12));
    }

    @Test
    void writesAttributes() {
        MemorySegment m = Arena.global().allocate(512, 8);
        EntryOut entry = new EntryOut();
        m.fill((byte) 0x55);
        entry.wrapZeroed(m, 0, EntryOut.BYTES);
        entry.nodeId(2).generation(3).entryValidNanos(1_500_000_000L).attrValidNanos(Long.MAX_VALUE);
        entry.attr()
                .ino(1)
                .size(2)
                .blocks(3)
                .atime(-1)
                .mtime(1_000_000_001L)
                .ctime(0)
                .mode(0x81a4)
                .nlink(5)
                .uid(6)
                .gid(7)
                .rdev(8)
                .blksize(9);
        assertThat(bytes(m, 128))
                .isEqualTo("0200000000000000" + "0300000000000000" + "0100000000000000" + "047dc12502000000"
                        + "0065cd1d"
                        + "ffd7f232" // entry and attribute validity: 1.5 s, 292 years
                        + "0100000000000000" + "0200000000000000" + "0300000000000000" + "ffffffffffffffff"
                        + "0100000000000000" + "0000000000000000" + "ffc99a3b" + "01000000" + "00000000" + "a4810000"
                        + "05000000" + "06000000" + "07000000" + "08000000" + "09000000" + "00000000");
        AttrOut attr = new AttrOut();
        attr.wrapZeroed(m, 0, AttrOut.BYTES);
        attr.validNanos(2_000_000_003L).attr().ino(4);
        assertThat(bytes(m, 24)).isEqualTo("0200000000000000" + "03000000" + "00000000" + "0400000000000000");
    }

    @Test
    void writesStatx() {
        MemorySegment m = Arena.global().allocate(512, 8);
        StatxOut out = new StatxOut();
        out.wrapZeroed(m, 0, StatxOut.BYTES);
        out.basic();
        out.validNanos(1_000_000_000L);
        out.attr().ino(1).size(2).blocks(3).mode(0x81a4).nlink(4).uid(5).gid(6).blksize(7);
        out.attr().atime(1).mtime(2).ctime(3).rdev(0x12345678);
        assertThat(bytes(m, 32)).isEqualTo("0100000000000000" + "00".repeat(24));
        String stat = bytes(m, 288).substring(64);
        assertThat(stat.substring(0, 128))
                .isEqualTo("ff070000" + "07000000" + "0000000000000000" + "04000000" + "05000000" + "06000000" + "a481"
                        + "0000" + "0100000000000000" + "0200000000000000" + "0300000000000000" + "0000000000000000");
        assertThat(stat.substring(128, 288))
                .isEqualTo("0000000000000000" + "01000000" + "00000000" + "00".repeat(16) + "0000000000000000"
                        + "03000000" + "00000000" + "0000000000000000" + "02000000" + "00000000" + "56040000"
                        + "78230100" + "00".repeat(8));
        out.btime(1_000_000_004L);
        stat = bytes(m, 288).substring(64);
        assertThat(stat).startsWith("ff0f0000");
        assertThat(stat.substring(160, 192)).isEqualTo("0100000000000000" + "04000000" + "00000000");
    }

    @Test
    void writesInit() {
        MemorySegment m = Arena.global().allocate(64, 8);
        InitOut out = new InitOut();
        out.wrapZeroed(m, 0, InitOut.BYTES);
        out.major(7)
                .minor(45)
                .maxReadahead(0x20000)
                .flags(0x21_4000_0001L)
                .maxBackground(64)
                .congestionThreshold(48)
                .maxWrite(0x100000)
                .timeGranularityNanos(1)
                .maxPages(256)
                .maxStackDepth(1);
        assertThat(bytes(m, 64))
                .isEqualTo("07000000" + "2d000000" + "00000200" + "01000040" + "4000" + "3000" + "00001000" + "01000000"
                        + "0001" + "0000" + "21000000" + "01000000" + "00".repeat(24));
        assertThat(out.flags()).isEqualTo(0x21_4000_0001L);
    }

    @Test
    void writesNotifications() {
        MemorySegment m = Arena.global().allocate(64, 8);
        NotifyInvalInode inode = new NotifyInvalInode();
        inode.wrap(m, 0);
        inode.nodeId(1).offset(-1).length(2);
        assertThat(bytes(m, 24)).isEqualTo("0100000000000000" + "ffffffffffffffff" + "0200000000000000");
        NotifyInvalEntry entry = new NotifyInvalEntry();
        entry.wrap(m, 0);
        entry.parent(1).nameLength(2).flags(1);
        assertThat(bytes(m, 16)).isEqualTo("0100000000000000" + "02000000" + "01000000");
        NotifyDelete delete = new NotifyDelete();
        delete.wrapZeroed(m, 0, NotifyDelete.BYTES);
        delete.parent(1).child(2).nameLength(3);
        assertThat(bytes(m, 24)).isEqualTo("0100000000000000" + "0200000000000000" + "03000000" + "00000000");
        NotifyStore store = new NotifyStore();
        store.wrapZeroed(m, 0, NotifyStore.BYTES);
        store.nodeId(1).offset(2).size(3);
        assertThat(bytes(m, 24)).isEqualTo("0100000000000000" + "0200000000000000" + "03000000" + "00000000");
    }
}
