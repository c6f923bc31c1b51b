package io.efc.testing.posix;

import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;
import java.util.HashSet;
import java.util.Set;

/** stat(2), fsync(2) and statfs(2): what concerns files and the file system as a whole. */
final class WholeRules {
    private WholeRules() {}

    static void addTo(Suite s) {
        s.group("stat");
        attributes(s);
        s.group("sync");
        s.rule("fsync, fdatasync and syncfs succeed on files and directories", t -> {
            long fd = t.create("f");
            t.ok(t.write(fd, "data"));
            t.ok(t.fsync(fd));
            t.ok(t.write(fd, "more"));
            t.ok(t.fdatasync(fd));
            long directory = t.ok(t.open(".", Libc.O_RDONLY | Libc.O_DIRECTORY));
            t.ok(t.fsync(directory));
            t.ok(t.syncfs(fd));
            t.content("f", "datamore");
        });
        s.rule("fsync of a descriptor for reading succeeds", t -> {
            t.file("f", "data");
            t.ok(t.fsync(t.ok(t.open("f", Libc.O_RDONLY))));
        });
        s.rule("fsync of a pipe is EINVAL", Capability.FIFOS, t -> {
            t.ok(t.mknod("p", Stat.FIFO | 0644, 0));
            t.errno(t.fsync(t.ok(t.open("p", Libc.O_RDONLY | Libc.O_NONBLOCK))), Errno.EINVAL);
        });
        s.group("statfs");
        s.rule("gives sizes that fit together", t -> {
            long[] f = t.statfs(t.create("f"));
            t.check(f[1] >= 512 && Long.bitCount(f[1]) == 1, "block size " + f[1]);
            t.check(f[2] > 0, "blocks " + f[2]);
            t.check(f[3] <= f[2], "free " + f[3] + " of " + f[2]);
            t.check(f[4] <= f[3], "available " + f[4] + " of " + f[3] + " free");
            t.check(f[6] <= f[5], "files free " + f[6] + " of " + f[5]);
        });
        s.rule("is the same for a file and its directory", t -> {
            long[] file = t.statfs(t.create("f"));
            long[] directory = t.statfs(t.ok(t.open(".", Libc.O_RDONLY)));
            t.equal(directory[0], file[0], "type");
            t.equal(directory[2], file[2], "blocks");
        });
    }

    private static void attributes(Suite s) {
        s.rule("inode numbers are unique and stay", t -> {
            Set<Long> seen = new HashSet<>();
            for (int i = 0; i < 200; i++) {
                t.file("f" + i, "");
                t.check(seen.add(t.attributes("f" + i).ino()), "two files have one inode number");
            }
            for (int i = 0; i < 200; i++) {
                t.check(seen.remove(t.attributes("f" + i).ino()), "an inode number has changed");
            }
        });
        s.rule("stat by name and by descriptor agree", t -> {
            long fd = t.create("f");
            t.ok(t.write(fd, "data"));
            Stat byFd = t.attributes(fd);
            Stat byName = t.attributes("f");
            t.check(byFd.equals(byName), byFd + " by descriptor, " + byName + " by name");
        });
        s.rule("size counts bytes, blocks counts 512 of them", t -> {
            long fd = t.create("f");
            t.ok(t.write(fd, IoRules.pattern(100_000, 1)));
            t.ok(t.fsync(fd));
            Stat a = t.attributes("f");
            t.equal(100_000, a.size(), "size");
            t.check(a.blocks() * 512 >= 100_000 && a.blocks() * 512 < 1_000_000, "blocks " + a.blocks());
        });
        s.rule("a new file's fields", t -> {
            t.file("f", "data", 0640);
            Stat a = t.attributes("f");
            t.octal(Stat.REGULAR | 0640, a.mode(), "mode");
            t.equal(1, a.nlink(), "nlink");
            t.equal(0, a.uid(), "uid");
            t.equal(4, a.size(), "size");
            t.check(a.ino() != 0, "inode number is 0");
            t.check(a.blockSize() > 0, "block size " + a.blockSize());
        });
        s.rule("stat needs no permission for the file", t -> {
            t.fileOf(User.ALICE, "f", 0000);
            t.ok(t.as(User.BOB, () -> t.stat("f")));
        });
        s.rule("another process sees the same file", t -> {
            t.file("f", "data");
            Neighbour other = t.neighbour();
            t.ok(other.open("f", Libc.O_RDONLY));
            t.errno(other.open("absent", Libc.O_RDONLY), Errno.ENOENT);
            t.ok(t.unlink("f"));
            t.errno(other.open("f", Libc.O_RDONLY), Errno.ENOENT);
        });
        s.rule("statx with a strange flag is EINVAL", t -> {
            t.file("f", "");
            t.errno(t.access("f", Calls.F_OK, 0x40000000), Errno.EINVAL);
            t.errno(t.chown("f", 0, 0, FileCalls.AT_REMOVEDIR), Errno.EINVAL);
        });
    }
}
