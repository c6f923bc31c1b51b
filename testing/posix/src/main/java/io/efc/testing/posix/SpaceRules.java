package io.efc.testing.posix;

import static io.efc.base.Libc.FALLOC_FL_KEEP_SIZE;
import static io.efc.base.Libc.FALLOC_FL_PUNCH_HOLE;
import static io.efc.base.Libc.FALLOC_FL_ZERO_RANGE;
import static io.efc.base.Libc.SEEK_DATA;
import static io.efc.base.Libc.SEEK_HOLE;

import io.efc.base.Errno;
import io.efc.base.Libc;

/** fallocate(2), SEEK_DATA and SEEK_HOLE, copy_file_range(2). */
final class SpaceRules {
    private static final int MIB = 1 << 20;

    private SpaceRules() {}

    static void addTo(Suite s) {
        s.group("space");
        allocating(s);
        seeking(s);
        copying(s);
    }

    private static void allocating(Suite s) {
        s.rule("fallocate lengthens with zeros and leaves what is there", Capability.FALLOCATE, t -> {
            long fd = t.create("f");
            t.ok(t.write(fd, "data"));
            t.ok(t.fallocate(fd, 0, 0, 10_000));
            t.equal(10_000, t.attributes("f").size(), "size");
            t.same("data" + "\0".repeat(96), t.textAt(fd, 100, 0), "content");
            t.ok(t.fallocate(fd, 0, 100, 100));
            t.equal(10_000, t.attributes("f").size(), "size");
        });
        s.rule("KEEP_SIZE keeps the size", Capability.KEEP_SIZE, t -> {
            long fd = t.create("f");
            t.ok(t.write(fd, "data"));
            t.ok(t.fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, MIB));
            t.equal(4, t.attributes("f").size(), "size");
        });
        s.rule("a length of 0 or less is EINVAL", Capability.FALLOCATE, t -> {
            long fd = t.create("f");
            t.errno(t.fallocate(fd, 0, 0, 0), Errno.EINVAL);
            t.errno(t.fallocate(fd, 0, -1, 10), Errno.EINVAL);
            t.errno(t.fallocate(fd, 0, 0, -10), Errno.EINVAL);
        });
        s.rule("a descriptor for reading is EBADF", Capability.FALLOCATE, t -> {
            t.file("f", "");
            t.errno(t.fallocate(t.ok(t.open("f", Libc.O_RDONLY)), 0, 0, 10), Errno.EBADF);
        });
        s.rule("more than a file can hold is EFBIG", Capability.FALLOCATE, t -> {
            t.errno(t.fallocate(t.create("f"), 0, Long.MAX_VALUE - 10, 100), Errno.EFBIG);
        });
        s.rule("a punched hole reads as zeros, the size stays", Capability.PUNCH_HOLE, t -> {
            String data = IoRules.pattern(3 * MIB, 4);
            t.file("f", data);
            long fd = t.ok(t.open("f", Libc.O_RDWR));
            t.same(data.substring(0, 100), t.textAt(fd, 100, 0), "content before");
            t.ok(t.fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 1000, 2 * MIB));
            t.content("f", data.substring(0, 1000) + "\0".repeat(2 * MIB) + data.substring(1000 + 2 * MIB));
        });
        s.rule("a punched hole gives blocks back", Capability.PUNCH_HOLE, t -> {
            t.file("f", IoRules.pattern(2 * MIB, 4));
            long fd = t.ok(t.open("f", Libc.O_RDWR));
            t.ok(t.fsync(fd));
            long before = t.attributes("f").blocks();
            t.ok(t.fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 2 * MIB));
            t.check(t.attributes("f").blocks() < before, "blocks before " + before + ", now the same");
        });
        s.rule("a hole behind the end changes nothing", Capability.PUNCH_HOLE, t -> {
            t.file("f", "data");
            long fd = t.ok(t.open("f", Libc.O_RDWR));
            t.ok(t.fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 8192));
            t.content("f", "data");
        });
        s.rule("PUNCH_HOLE without KEEP_SIZE is EOPNOTSUPP", Capability.PUNCH_HOLE, t -> {
            t.errno(t.fallocate(t.create("f"), FALLOC_FL_PUNCH_HOLE, 0, 4096), Errno.EOPNOTSUPP);
        });
        s.rule("ZERO_RANGE writes zeros and lengthens", Capability.ZERO_RANGE, t -> {
            t.file("f", "x".repeat(10_000));
            long fd = t.ok(t.open("f", Libc.O_RDWR));
            t.ok(t.fallocate(fd, FALLOC_FL_ZERO_RANGE, 5000, 10_000));
            t.content("f", "x".repeat(5000) + "\0".repeat(10_000));
        });
    }

    private static void seeking(Suite s) {
        s.rule("the end of a file is a hole", t -> {
            t.file("f", "data");
            long fd = t.ok(t.open("f", Libc.O_RDONLY));
            t.equal(0, t.lseek(fd, 0, SEEK_DATA), "data");
            t.equal(4, t.lseek(fd, 0, SEEK_HOLE), "hole");
            t.equal(2, t.lseek(fd, 2, SEEK_DATA), "data from the middle");
        });
        s.rule("at or behind the end is ENXIO", t -> {
            t.file("f", "data");
            long fd = t.ok(t.open("f", Libc.O_RDONLY));
            t.errno(t.lseek(fd, 4, SEEK_DATA), Errno.ENXIO);
            t.errno(t.lseek(fd, 4, SEEK_HOLE), Errno.ENXIO);
            t.errno(t.lseek(fd, 1000, SEEK_DATA), Errno.ENXIO);
        });
        s.rule("a hole between data is found", Capability.SEEK_HOLE, t -> {
            long fd = t.create("f");
            t.ok(t.pwrite(fd, "x".repeat(65536), 0));
            t.ok(t.pwrite(fd, "y".repeat(65536), 4 * MIB));
            t.ok(t.fsync(fd));
            long hole = t.ok(t.lseek(fd, 0, SEEK_HOLE));
            t.check(hole >= 65536 && hole < 4 * MIB, "hole at " + hole);
            long data = t.ok(t.lseek(fd, hole, SEEK_DATA));
            t.check(data > hole && data <= 4 * MIB, "data at " + data);
            t.equal(4 * MIB + 65536, t.lseek(fd, data, SEEK_HOLE), "hole at the end");
        });
        s.rule("a file that is all hole has no data: ENXIO", Capability.SEEK_HOLE, t -> {
            long fd = t.create("f");
            t.ok(t.ftruncate(fd, MIB));
            t.errno(t.lseek(fd, 0, SEEK_DATA), Errno.ENXIO);
            t.equal(0, t.lseek(fd, 0, SEEK_HOLE), "hole");
        });
    }

    private static void copying(Suite s) {
        s.rule("copies bytes between files at offsets", Capability.COPY_FILE_RANGE, t -> {
            t.file("a", "0123456789");
            long from = t.ok(t.open("a", Libc.O_RDONLY));
            long to = t.create("b");
            t.equal(5, t.copyFileRange(from, 3, to, 2, 5), "bytes");
            t.content("b", "\0\0" + "34567");
        });
        s.rule("copies only what there is", Capability.COPY_FILE_RANGE, t -> {
            t.file("a", "0123");
            long from = t.ok(t.open("a", Libc.O_RDONLY));
            long to = t.create("b");
            t.equal(2, t.copyFileRange(from, 2, to, 0, 100), "bytes");
            t.equal(0, t.copyFileRange(from, 4, to, 0, 100), "bytes at the end");
            t.content("b", "23");
        });
        s.rule("copies megabytes", Capability.COPY_FILE_RANGE, t -> {
            String data = IoRules.pattern(3 * MIB + 17, 8);
            t.file("a", data);
            long from = t.ok(t.open("a", Libc.O_RDONLY));
            long to = t.create("b");
            for (long at = 0; at < data.length(); ) {
                at += t.ok(t.copyFileRange(from, at, to, at, data.length() - at));
            }
            t.content("b", data);
        });
        s.rule("within one file, ranges apart", Capability.COPY_FILE_RANGE, t -> {
            long fd = t.create("f");
            t.ok(t.write(fd, "0123456789"));
            t.equal(4, t.copyFileRange(fd, 0, fd, 20, 4), "bytes");
            t.content("f", "0123456789" + "\0".repeat(10) + "0123");
        });
        s.rule("within one file, ranges that overlap are EINVAL", Capability.COPY_FILE_RANGE, t -> {
            long fd = t.create("f");
            t.ok(t.write(fd, "0123456789"));
            t.errno(t.copyFileRange(fd, 0, fd, 2, 5), Errno.EINVAL);
        });
        s.rule("sees what was just written, and is seen at once", Capability.COPY_FILE_RANGE, t -> {
            long from = t.create("a");
            long to = t.create("b");
            t.ok(t.write(to, "old old old"));
            t.same("old old old", t.textAt(to, 20, 0), "content before");
            t.ok(t.write(from, "new"));
            t.equal(3, t.copyFileRange(from, 0, to, 4, 3), "bytes");
            t.same("old new old", t.textAt(to, 20, 0), "content");
        });
        s.rule("wrong access modes are EBADF, a directory EISDIR", Capability.COPY_FILE_RANGE, t -> {
            t.file("a", "data");
            long in = t.ok(t.open("a", Libc.O_RDONLY));
            long out = t.create("b");
            long writeOnly = t.ok(t.open("a", Libc.O_WRONLY));
            t.errno(t.copyFileRange(in, 0, in, 0, 4), Errno.EBADF);
            t.errno(t.copyFileRange(writeOnly, 0, out, 0, 4), Errno.EBADF);
            t.errno(t.copyFileRange(t.ok(t.open(".", Libc.O_RDONLY)), 0, out, 0, 4), Errno.EISDIR);
        });
    }
}
