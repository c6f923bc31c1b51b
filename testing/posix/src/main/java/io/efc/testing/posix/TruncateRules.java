package io.efc.testing.posix;

import io.efc.base.Errno;
import io.efc.base.Libc;

/** truncate(2) and ftruncate(2). */
final class TruncateRules {
    private TruncateRules() {}

    static void addTo(Suite s) {
        s.group("truncate");
        s.rule("shorter, to nothing, and longer with zeros", t -> {
            t.file("f", "0123456789");
            t.ok(t.truncate("f", 4));
            t.content("f", "0123");
            t.ok(t.truncate("f", 8));
            t.content("f", "0123\0\0\0\0");
            t.ok(t.truncate("f", 0));
            t.content("f", "");
        });
        s.rule("ftruncate leaves the offset", t -> {
            long fd = t.create("f");
            t.ok(t.write(fd, "0123456789"));
            t.ok(t.ftruncate(fd, 2));
            t.equal(10, t.lseek(fd, 0, Libc.SEEK_CUR), "offset");
            t.ok(t.write(fd, "x"));
            t.content("f", "01" + "\0".repeat(8) + "x");
        });
        s.rule("a negative length is EINVAL", t -> {
            t.file("f", "");
            t.errno(t.truncate("f", -1), Errno.EINVAL);
            t.errno(t.ftruncate(t.ok(t.open("f", Libc.O_RDWR)), -1), Errno.EINVAL);
        });
        s.rule("a directory is EISDIR", t -> {
            t.ok(t.mkdir("d"));
            t.errno(t.truncate("d", 0), Errno.EISDIR);
        });
        s.rule("ftruncate of a descriptor for reading is EINVAL", t -> {
            t.file("f", "data");
            t.errno(t.ftruncate(t.ok(t.open("f", Libc.O_RDONLY)), 0), Errno.EINVAL, Errno.EBADF);
            t.content("f", "data");
        });
        s.rule("without permission to write it is EACCES", t -> {
            t.fileOf(User.ALICE, "f", 0444);
            t.errno(t.as(User.ALICE, () -> t.truncate("f", 0)), Errno.EACCES);
            t.errno(t.as(User.BOB, () -> t.truncate("f", 0)), Errno.EACCES);
            t.content("f", "data");
        });
        s.rule("a sparse terabyte costs nothing", t -> {
            t.file("f", "");
            t.ok(t.truncate("f", 1L << 40));
            Stat a = t.attributes("f");
            t.equal(1L << 40, a.size(), "size");
            t.check(a.blocks() < 1000, "it takes " + a.blocks() + " blocks");
            t.ok(t.truncate("f", 0));
        });
        for (int at : new int[] {1, 4095, 4096, 4097, 65535, 131072, 200_001}) {
            s.rule("cut at " + at + " and lengthened, bytes before it stay and bytes behind it are zeros", t -> {
                String data = IoRules.pattern(300_000, at);
                t.file("f", data);
                t.ok(t.truncate("f", at));
                t.content("f", data.substring(0, at));
                t.ok(t.truncate("f", 300_000));
                t.content("f", data.substring(0, at) + "\0".repeat(300_000 - at));
            });
        }
    }
}
