package io.efc.testing.posix;

import static io.efc.base.Libc.O_APPEND;
import static io.efc.base.Libc.O_RDONLY;
import static io.efc.base.Libc.O_RDWR;
import static io.efc.base.Libc.O_WRONLY;
import static io.efc.base.Libc.SEEK_CUR;
import static io.efc.base.Libc.SEEK_END;
import static io.efc.base.Libc.SEEK_SET;

import io.efc.base.Errno;

/** read(2), write(2), pread(2), pwrite(2), lseek(2), appending, and holes. */
final class IoRules {
    private IoRules() {}

    static void addTo(Suite s) {
        s.group("io");
        reading(s);
        writing(s);
        seeking(s);
        sharing(s);
    }

    private static void reading(Suite s) {
        s.rule("reading at and behind the end gives 0 bytes", t -> {
            t.file("f", "data");
            long fd = t.ok(t.open("f", O_RDONLY));
            t.equal(0, t.pread(fd, 10, 4), "bytes at the end");
            t.equal(0, t.pread(fd, 10, 1L << 40), "bytes far behind it");
            t.equal(2, t.pread(fd, 10, 2), "bytes across it");
        });
        s.rule("reading nothing gives nothing", t -> {
            t.file("f", "data");
            t.equal(0, t.read(t.ok(t.open("f", O_RDONLY)), 0), "bytes");
        });
        s.rule("reading at a negative offset is EINVAL", t -> {
            t.file("f", "data");
            t.errno(t.pread(t.ok(t.open("f", O_RDONLY)), 1, -1), Errno.EINVAL);
        });
        s.rule("read moves the offset, pread does not", t -> {
            t.file("f", "0123456789");
            long fd = t.ok(t.open("f", O_RDONLY));
            t.equal(3, t.read(fd, 3), "bytes");
            t.equal(5, t.pread(fd, 5, 0), "bytes");
            t.equal(3, t.lseek(fd, 0, SEEK_CUR), "offset");
        });
        s.rule("a closed descriptor is EBADF", t -> {
            t.errno(t.read(9999, 1), Errno.EBADF);
            t.errno(t.write(9999, "x"), Errno.EBADF);
            t.errno(t.lseek(9999, 0, SEEK_SET), Errno.EBADF);
            t.errno(t.ftruncate(9999, 0), Errno.EBADF);
            t.errno(t.fsync(9999), Errno.EBADF);
        });
        for (int size : new int[] {1, 511, 4095, 4096, 4097, 65536, 131072, 1048575, 1048577, 3000000}) {
            s.rule("a file of " + size + " bytes comes back as it was written", t -> {
                String data = pattern(size, 0);
                t.file("f", data);
                t.equal(size, t.attributes("f").size(), "size");
                t.content("f", data);
            });
        }
    }

    private static void writing(Suite s) {
        s.rule("writing over, across the end and behind it", t -> {
            long fd = t.create("f");
            t.ok(t.write(fd, "abcdef"));
            t.ok(t.pwrite(fd, "XY", 1));
            t.content("f", "aXYdef");
            t.ok(t.pwrite(fd, "1234", 4));
            t.content("f", "aXYd1234");
            t.ok(t.pwrite(fd, "end", 10));
            t.content("f", "aXYd1234\0\0end");
        });
        s.rule("writing nothing changes nothing", t -> {
            long fd = t.create("f");
            t.equal(0, t.pwrite(fd, "", 100), "bytes");
            t.equal(0, t.attributes("f").size(), "size");
        });
        s.rule("writing at a negative offset is EINVAL", t -> {
            t.errno(t.pwrite(t.create("f"), "x", -1), Errno.EINVAL);
        });
        s.rule("O_APPEND writes at the end wherever the offset is", t -> {
            t.file("f", "0123");
            long fd = t.ok(t.open("f", O_WRONLY | O_APPEND));
            t.ok(t.lseek(fd, 0, SEEK_SET));
            t.ok(t.write(fd, "45"));
            t.content("f", "012345");
            t.equal(6, t.lseek(fd, 0, SEEK_CUR), "offset");
        });
        s.rule("pwrite with O_APPEND appends too, as Linux does it", t -> {
            t.file("f", "0123");
            long fd = t.ok(t.open("f", O_WRONLY | O_APPEND));
            t.ok(t.pwrite(fd, "45", 0));
            t.content("f", "012345");
        });
        s.rule("two appenders do not overwrite each other", t -> {
            t.file("f", "");
            long a = t.ok(t.open("f", O_WRONLY | O_APPEND));
            long b = t.ok(t.open("f", O_WRONLY | O_APPEND));
            for (int i = 0; i < 50; i++) {
                t.ok(t.write(a, "a"));
                t.ok(t.write(b, "b"));
            }
            t.content("f", "ab".repeat(50));
        });
        s.rule("small writes one after the other add up", t -> {
            long fd = t.create("f");
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < 700; i++) {
                String part = pattern(i % 97 + 1, i);
                t.ok(t.write(fd, part));
                all.append(part);
            }
            t.content("f", all.toString());
        });
        s.rule("writes in falling order add up", t -> {
            long fd = t.create("f");
            String data = pattern(300_000, 5);
            for (int at = 300_000 - 1000; at >= 0; at -= 1000) {
                t.ok(t.pwrite(fd, data.substring(at, at + 1000), at));
            }
            t.content("f", data);
        });
        s.rule("a write is seen at once by another descriptor and another process's size", t -> {
            long fd = t.create("f");
            long other = t.ok(t.open("f", O_RDONLY));
            t.ok(t.write(fd, "seen"));
            t.same("seen", t.textAt(other, 10, 0), "content by the other descriptor");
            t.equal(4, t.attributes("f").size(), "size");
        });
    }

    private static void seeking(Suite s) {
        s.rule("lseek counts from the start, here and the end", t -> {
            t.file("f", "0123456789");
            long fd = t.ok(t.open("f", O_RDONLY));
            t.equal(4, t.lseek(fd, 4, SEEK_SET), "from the start");
            t.equal(6, t.lseek(fd, 2, SEEK_CUR), "from here");
            t.equal(7, t.lseek(fd, -3, SEEK_END), "from the end");
            t.equal(1000, t.lseek(fd, 1000, SEEK_SET), "behind the end");
        });
        s.rule("lseek to before the start is EINVAL, and so is a strange whence", t -> {
            t.file("f", "data");
            long fd = t.ok(t.open("f", O_RDONLY));
            t.errno(t.lseek(fd, -1, SEEK_SET), Errno.EINVAL);
            t.errno(t.lseek(fd, -5, SEEK_END), Errno.EINVAL);
            t.errno(t.lseek(fd, 0, 99), Errno.EINVAL);
        });
        s.rule("lseek past the end does not lengthen; a write there does", t -> {
            long fd = t.create("f");
            t.ok(t.lseek(fd, 5000, SEEK_SET));
            t.equal(0, t.attributes("f").size(), "size");
            t.ok(t.write(fd, "x"));
            t.equal(5001, t.attributes("f").size(), "size");
            t.same("\0".repeat(100), t.textAt(fd, 100, 0), "what lies before");
        });
        s.rule("a hole reads as zeros", t -> {
            long fd = t.create("f");
            t.ok(t.pwrite(fd, "head", 0));
            t.ok(t.pwrite(fd, "tail", 10_000_000));
            t.same("head" + "\0".repeat(96), t.textAt(fd, 100, 0), "head");
            t.same("\0".repeat(4096), t.textAt(fd, 4096, 5_000_000), "hole");
            t.same("\0\0tail", t.textAt(fd, 10, 9_999_998), "tail");
        });
        s.rule("offsets beyond 4 GiB work", t -> {
            long fd = t.create("f");
            long far = (1L << 32) + 12345;
            t.ok(t.pwrite(fd, "far", far));
            t.equal(far + 3, t.attributes("f").size(), "size");
            t.same("far", t.textAt(fd, 10, far), "content");
            t.same("\0\0", t.textAt(fd, 2, 12345), "content 4 GiB before");
        });
    }

    private static void sharing(Suite s) {
        s.rule("dup shares the offset, a second open does not", t -> {
            t.file("f", "0123456789");
            long fd = t.ok(t.open("f", O_RDONLY));
            long copy = t.ok(t.dup(fd));
            long other = t.ok(t.open("f", O_RDONLY));
            t.ok(t.read(fd, 4));
            t.equal(4, t.lseek(copy, 0, SEEK_CUR), "offset of the copy");
            t.equal(0, t.lseek(other, 0, SEEK_CUR), "offset of the other");
        });
        s.rule("a closed duplicate leaves the first open", t -> {
            long fd = t.create("f");
            t.ok(t.close(t.ok(t.dup(fd))));
            t.equal(1, t.write(fd, "x"), "bytes");
        });
        s.rule("truncation by one descriptor is seen by the other", t -> {
            long fd = t.create("f");
            t.ok(t.write(fd, "0123456789"));
            long other = t.ok(t.open("f", O_RDWR));
            t.same("0123456789", t.textAt(other, 20, 0), "content");
            t.ok(t.ftruncate(fd, 3));
            t.same("012", t.textAt(other, 20, 0), "content after truncation");
            t.ok(t.ftruncate(fd, 6));
            t.same("012\0\0\0", t.textAt(other, 20, 0), "content after growth");
        });
        s.rule("a lengthened file has a tail of zeros even where there was data", t -> {
            long fd = t.create("f");
            t.ok(t.write(fd, pattern(10_000, 1)));
            t.ok(t.ftruncate(fd, 100));
            t.ok(t.ftruncate(fd, 10_000));
            t.same("\0".repeat(9900), t.textAt(fd, 9900, 100), "tail");
        });
        s.rule("a write beyond the largest offset is EFBIG or EINVAL", t -> {
            t.errno(t.pwrite(t.create("f"), "xx", Long.MAX_VALUE), Errno.EFBIG, Errno.EINVAL);
        });
    }

    /** Text without a short period. */
    static String pattern(int length, int seed) {
        StringBuilder s = new StringBuilder(length);
        int x = seed * 7919 + 17;
        for (int i = 0; i < length; i++) {
            x = x * 1103515245 + 12345;
            s.append((char) (x >>> 16 & 0xff));
        }
        return s.toString();
    }
}
