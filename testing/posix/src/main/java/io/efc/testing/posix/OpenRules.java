package io.efc.testing.posix;

import static io.efc.base.Libc.O_APPEND;
import static io.efc.base.Libc.O_CREAT;
import static io.efc.base.Libc.O_DIRECTORY;
import static io.efc.base.Libc.O_EXCL;
import static io.efc.base.Libc.O_NOFOLLOW;
import static io.efc.base.Libc.O_NONBLOCK;
import static io.efc.base.Libc.O_PATH;
import static io.efc.base.Libc.O_RDONLY;
import static io.efc.base.Libc.O_RDWR;
import static io.efc.base.Libc.O_TMPFILE;
import static io.efc.base.Libc.O_TRUNC;
import static io.efc.base.Libc.O_WRONLY;

import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;

/** open(2), creat(2), umask(2), O_TMPFILE, and files that are open without a name. */
final class OpenRules {
    private OpenRules() {}

    static void addTo(Suite s) {
        s.group("open");
        existing(s);
        creating(s);
        permissions(s);
        kinds(s);
        flags(s);
        unlinked(s);
        temporary(s);
    }

    private static void existing(Suite s) {
        s.rule("a directory for writing is EISDIR", t -> {
            t.ok(t.mkdir("d"));
            t.errno(t.open("d", O_WRONLY), Errno.EISDIR);
            t.errno(t.open("d", O_RDWR), Errno.EISDIR);
            t.errno(t.open("d", O_RDONLY | O_TRUNC), Errno.EISDIR);
            t.errno(t.open("d", O_RDONLY | O_CREAT), Errno.EISDIR);
        });
        s.rule("a directory for reading opens, and read(2) of it is EISDIR", t -> {
            t.ok(t.mkdir("d"));
            long fd = t.ok(t.open("d", O_RDONLY));
            t.errno(t.read(fd, 10), Errno.EISDIR);
        });
        s.rule("O_DIRECTORY of a file is ENOTDIR", t -> {
            t.file("f", "");
            t.errno(t.open("f", O_RDONLY | O_DIRECTORY), Errno.ENOTDIR);
        });
        s.rule("O_NOFOLLOW of a symbolic link is ELOOP", Capability.SYMLINKS, t -> {
            t.file("f", "");
            t.ok(t.symlink("f", "l"));
            t.errno(t.open("l", O_RDONLY | O_NOFOLLOW), Errno.ELOOP);
            t.ok(t.open("f", O_RDONLY | O_NOFOLLOW));
        });
        s.rule("a symbolic link to itself is ELOOP", Capability.SYMLINKS, t -> {
            t.ok(t.symlink("l", "l"));
            t.errno(t.open("l", O_RDONLY), Errno.ELOOP);
        });
        s.rule("a dangling symbolic link is ENOENT", Capability.SYMLINKS, t -> {
            t.ok(t.symlink("absent", "l"));
            t.errno(t.open("l", O_RDONLY), Errno.ENOENT);
        });
        s.rule("O_TRUNC cuts a file to nothing, and leaves its inode", t -> {
            t.file("f", "content");
            long before = t.attributes("f").ino();
            t.ok(t.open("f", O_WRONLY | O_TRUNC));
            t.equal(0, t.attributes("f").size(), "size");
            t.equal(before, t.attributes("f").ino(), "inode");
        });
        s.rule("O_PATH opens without permission to read, and cannot be read", t -> {
            t.fileOf(User.ALICE, "f", 0000);
            t.ok(t.as(User.BOB, () -> t.open("f", O_PATH)));
            t.errno(t.read(t.ok(t.open("f", O_PATH)), 1), Errno.EBADF);
        });
        s.rule("O_NOATIME by one who does not own the file is EPERM", t -> {
            t.fileOf(User.ALICE, "f", 0644);
            t.errno(t.as(User.BOB, () -> t.open("f", O_RDONLY | Calls.O_NOATIME)), Errno.EPERM);
            t.ok(t.as(User.ALICE, () -> t.open("f", O_RDONLY | Calls.O_NOATIME)));
        });
    }

    private static void creating(Suite s) {
        s.rule("O_CREAT makes an empty regular file of the caller", t -> {
            t.ok(t.as(User.ALICE, () -> t.open("f", O_CREAT | O_WRONLY, 0640)));
            Stat a = t.attributes("f");
            t.octal(Stat.REGULAR | 0640, a.mode(), "mode");
            t.equal(User.ALICE.uid(), a.uid(), "uid");
            t.equal(User.ALICE.gid(), a.gid(), "gid");
            t.equal(0, a.size(), "size");
            t.equal(1, a.nlink(), "nlink");
        });
        s.rule("O_CREAT of an existing file opens it and ignores the mode", t -> {
            t.file("f", "old", 0600);
            t.ok(t.open("f", O_CREAT | O_RDWR, 0777));
            t.octal(0600, t.attributes("f").permissions(), "mode");
            t.content("f", "old");
        });
        s.rule("O_CREAT|O_EXCL of what exists is EEXIST", t -> {
            t.file("f", "");
            t.ok(t.mkdir("d"));
            t.errno(t.open("f", O_CREAT | O_EXCL | O_WRONLY), Errno.EEXIST);
            t.errno(t.open("d", O_CREAT | O_EXCL | O_WRONLY), Errno.EEXIST);
        });
        s.rule("O_CREAT|O_EXCL does not follow a symbolic link: EEXIST", Capability.SYMLINKS, t -> {
            t.ok(t.symlink("absent", "l"));
            t.errno(t.open("l", O_CREAT | O_EXCL | O_WRONLY), Errno.EEXIST);
            t.errno(t.stat("absent"), Errno.ENOENT);
        });
        s.rule("O_CREAT through a dangling symbolic link makes its target", Capability.SYMLINKS, t -> {
            t.ok(t.symlink("target", "l"));
            t.ok(t.open("l", O_CREAT | O_WRONLY));
            t.octal(Stat.REGULAR, t.linkAttributes("target").type(), "type of the target");
        });
        s.rule("a file made read-only can be written by the descriptor that made it", t -> {
            long fd = t.as(User.ALICE, () -> {
                long made = t.open("f", O_CREAT | O_RDWR, 0400);
                return t.write(made, "data") == 4 ? made : -1;
            });
            t.ok(fd);
            t.content("f", "data");
            t.errno(t.as(User.ALICE, () -> t.open("f", O_RDWR)), Errno.EACCES);
        });
        s.rule("creating needs permission to write the directory", t -> {
            t.directoryOf(User.ALICE, "d", 0555);
            t.errno(t.as(User.ALICE, () -> t.open("d/f", O_CREAT | O_WRONLY)), Errno.EACCES);
            t.errno(t.as(User.BOB, () -> t.open("d/f", O_CREAT | O_WRONLY)), Errno.EACCES);
        });
        s.rule("the umask takes bits away", t -> {
            int[] masks = {0, 022, 077, 0777};
            for (int mask : masks) {
                String name = "f" + Integer.toOctalString(mask);
                Libc.umask(mask);
                long fd = t.open(name, O_CREAT | O_WRONLY, 0666);
                t.mkdir("d" + name, 0777);
                Libc.umask(0);
                t.ok(fd);
                t.octal(0666 & ~mask, t.attributes(name).permissions(), "mode of a file under umask " + mask);
                t.octal(
                        0777 & ~mask,
                        t.attributes("d" + name).permissions(),
                        "mode of a directory under umask " + mask);
            }
        });
        s.rule("a file in a set-group-id directory takes the directory's group", t -> {
            t.directoryOf(User.ALICE, "d", 02777);
            t.ok(t.as(User.BOB, () -> t.open("d/f", O_CREAT | O_WRONLY)));
            t.equal(User.ALICE.gid(), t.attributes("d/f").gid(), "gid");
            t.equal(User.BOB.uid(), t.attributes("d/f").uid(), "uid");
        });
        s.rule("two makers with O_EXCL: one wins", t -> {
            long first = t.open("f", O_CREAT | O_EXCL | O_WRONLY);
            t.ok(first);
            t.errno(t.neighbour().open("f", O_CREAT | O_EXCL | O_WRONLY), Errno.EEXIST);
        });
        s.rule("a negative lookup does not hide what another process made", t -> {
            t.errno(t.stat("f"), Errno.ENOENT);
            t.ok(t.neighbour().open("f", O_CREAT | O_WRONLY));
            t.ok(t.stat("f"));
        });
    }

    private static void permissions(Suite s) {
        User[] users = {User.ALICE, User.CAROL, User.BOB};
        String[] classes = {"owner", "group", "others"};
        for (int c = 0; c < users.length; c++) {
            User user = users[c];
            int shift = 6 - 3 * c;
            for (int bits = 0; bits < 8; bits++) {
                int mode = bits << shift;
                s.rule(String.format("permissions of the %s, mode %04o", classes[c], mode), t -> {
                    t.fileOf(User.ALICE, "f", mode);
                    expect(t, user, mode >> shift, O_RDONLY, 4);
                    expect(t, user, mode >> shift, O_WRONLY, 2);
                    expect(t, user, mode >> shift, O_RDWR, 6);
                });
            }
        }
        s.rule("the first class that fits decides: an owner without rights is not helped by the others'", t -> {
            t.fileOf(User.ALICE, "f", 0077);
            t.errno(t.as(User.ALICE, () -> t.open("f", O_RDONLY)), Errno.EACCES);
            t.ok(t.chmod("f", 0707));
            t.errno(t.as(User.CAROL, () -> t.open("f", O_RDONLY)), Errno.EACCES);
            t.ok(t.as(User.BOB, () -> t.open("f", O_RDONLY)));
        });
        s.rule("a supplementary group counts", t -> {
            t.fileOf(User.BOB, "f", 0640);
            t.ok(t.chown("f", User.BOB.uid(), User.SHARED_GROUP));
            t.ok(t.as(User.ALICE, () -> t.open("f", O_RDONLY)));
            t.errno(t.as(User.CAROL, () -> t.open("f", O_RDONLY)), Errno.EACCES);
        });
        s.rule("root may open anything", t -> {
            t.fileOf(User.ALICE, "f", 0000);
            t.ok(t.open("f", O_RDWR));
        });
        s.rule("O_TRUNC needs permission to write", t -> {
            t.fileOf(User.ALICE, "f", 0444);
            t.errno(t.as(User.ALICE, () -> t.open("f", O_RDONLY | O_TRUNC)), Errno.EACCES);
            t.content("f", "data");
        });
        s.rule("rights are checked at open: a later chmod does not take a descriptor's", t -> {
            t.fileOf(User.ALICE, "f", 0600);
            long fd = t.ok(t.as(User.ALICE, () -> t.open("f", O_RDWR)));
            t.ok(t.chmod("f", 0000));
            t.equal(4, t.as(User.ALICE, () -> t.pread(fd, 10, 0)), "bytes read");
            t.equal(2, t.as(User.ALICE, () -> t.pwrite(fd, "xy", 0)), "bytes written");
            t.ok(t.as(User.ALICE, () -> t.ftruncate(fd, 1)));
        });
    }

    private static void expect(Scene t, User user, int bits, int flags, int need) {
        long result = t.as(user, () -> t.open("f", flags));
        if ((bits & need) == need) {
            t.ok(result);
        } else {
            t.errno(result, Errno.EACCES);
        }
    }

    private static void kinds(Suite s) {
        s.rule("a FIFO for writing without waiting and without a reader is ENXIO", Capability.FIFOS, t -> {
            t.ok(t.mknod("p", Stat.FIFO | 0644, 0));
            t.errno(t.open("p", O_WRONLY | O_NONBLOCK), Errno.ENXIO);
        });
        s.rule("a FIFO carries bytes", Capability.FIFOS, t -> {
            t.ok(t.mknod("p", Stat.FIFO | 0644, 0));
            long in = t.ok(t.open("p", O_RDONLY | O_NONBLOCK));
            long out = t.ok(t.open("p", O_WRONLY | O_NONBLOCK));
            t.equal(4, t.write(out, "ping"), "bytes written");
            t.equal(4, t.read(in, 10), "bytes read");
            t.errno(t.lseek(in, 0, Libc.SEEK_SET), Errno.ESPIPE);
        });
        s.rule("a device without a driver is ENXIO", Capability.DEVICES, t -> {
            t.ok(t.mknod("c", Stat.CHARACTER | 0666, makedev(240, 77)));
            t.errno(t.open("c", O_RDONLY), Errno.ENXIO, Errno.ENODEV, Errno.EACCES);
        });
        s.rule("a socket in the tree is ENXIO", Capability.FIFOS, t -> {
            t.ok(t.mknod("s", Stat.SOCKET | 0644, 0));
            t.errno(t.open("s", O_RDONLY), Errno.ENXIO);
        });
    }

    static long makedev(int major, int minor) {
        return (minor & 0xffL) | ((long) major << 8);
    }

    private static void flags(Suite s) {
        s.rule("a descriptor for reading cannot write, one for writing cannot read: EBADF", t -> {
            t.file("f", "data");
            long in = t.ok(t.open("f", O_RDONLY));
            t.errno(t.write(in, "x"), Errno.EBADF);
            long out = t.ok(t.open("f", O_WRONLY));
            t.errno(t.read(out, 1), Errno.EBADF);
        });
        s.rule("F_GETFL gives back the access mode and O_APPEND", t -> {
            t.file("f", "");
            long fd = t.ok(t.open("f", O_RDWR | O_APPEND));
            t.equal(O_RDWR | O_APPEND, t.fcntl(fd, Libc.F_GETFL, 0) & (Libc.O_ACCMODE | O_APPEND), "flags");
        });
        s.rule("O_APPEND set by F_SETFL takes effect", t -> {
            t.file("f", "head");
            long fd = t.ok(t.open("f", O_WRONLY));
            t.ok(t.fcntl(fd, Libc.F_SETFL, O_APPEND));
            t.ok(t.write(fd, "tail"));
            t.content("f", "headtail");
        });
        s.rule("O_SYNC and O_DSYNC writes arrive", t -> {
            long fd = t.ok(t.open("f", O_CREAT | O_WRONLY | Calls.O_SYNC));
            t.ok(t.write(fd, "sync"));
            long fd2 = t.ok(t.open("f", O_WRONLY | O_APPEND | Calls.O_DSYNC));
            t.ok(t.write(fd2, "dsync"));
            t.content("f", "syncdsync");
        });
        s.rule("O_DIRECT reads and writes aligned blocks", Capability.DIRECT_IO, t -> {
            DirectIo.roundTrip(t);
        });
        s.rule("1000 descriptors of one file at once", t -> {
            t.file("f", "data");
            for (int i = 0; i < 1000; i++) {
                long fd = t.ok(t.open("f", O_RDONLY));
                t.equal(4, t.pread(fd, 10, 0), "bytes read");
            }
        });
    }

    private static void unlinked(Suite s) {
        s.rule("a file without a name lives while it is open", t -> {
            long fd = t.create("f");
            t.ok(t.write(fd, "before"));
            t.ok(t.unlink("f"));
            t.errno(t.stat("f"), Errno.ENOENT);
            t.same("before", t.textAt(fd, 100, 0), "content");
            t.ok(t.pwrite(fd, "AFTER", 3));
            t.same("befAFTER", t.textAt(fd, 100, 0), "content");
            t.ok(t.ftruncate(fd, 4));
            t.ok(t.fchmod(fd, 0400));
            Stat a = t.attributes(fd);
            t.equal(4, a.size(), "size");
            t.octal(0400, a.permissions(), "mode");
            t.ok(t.fsync(fd));
        });
        s.rule("a file without a name has no links", Capability.ZERO_NLINK, t -> {
            long fd = t.create("f");
            t.ok(t.unlink("f"));
            t.equal(0, t.attributes(fd).nlink(), "nlink");
        });
        s.rule("an unlinked file stays out of the directory and does not keep it from being removed", t -> {
            t.ok(t.mkdir("d"));
            long fd = t.ok(t.open("d/f", O_CREAT | O_RDWR));
            t.ok(t.write(fd, "data"));
            t.ok(t.unlink("d/f"));
            t.check(t.names("d").isEmpty(), "the directory lists " + t.names("d"));
            t.ok(t.rmdir("d"));
            t.same("data", t.textAt(fd, 10, 0), "content");
        });
        s.rule("a file replaced by rename lives while it is open", t -> {
            t.file("f", "old");
            long fd = t.ok(t.open("f", O_RDONLY));
            t.file("g", "new");
            t.ok(t.rename("g", "f"));
            t.same("old", t.textAt(fd, 10, 0), "content by descriptor");
            t.content("f", "new");
        });
        s.rule("a new file of an unlinked file's name is another file", t -> {
            long fd = t.create("f");
            t.ok(t.write(fd, "first"));
            t.ok(t.unlink("f"));
            t.file("f", "second");
            t.same("first", t.textAt(fd, 10, 0), "content by descriptor");
            t.content("f", "second");
            t.check(t.attributes(fd).ino() != t.attributes("f").ino(), "both have one inode number");
        });
        s.rule("an open directory that is removed lists nothing and takes nothing in", t -> {
            t.ok(t.mkdir("d"));
            long fd = t.ok(t.open("d", O_RDONLY | O_DIRECTORY));
            t.ok(t.rmdir("d"));
            Calls inside = new Calls((int) fd);
            t.errno(inside.open("f", O_CREAT | O_WRONLY), Errno.ENOENT);
            t.errno(inside.mkdir("e"), Errno.ENOENT);
        });
    }

    private static void temporary(Suite s) {
        s.rule("O_TMPFILE makes a file that no directory lists", Capability.TMPFILE, t -> {
            long fd = t.ok(t.open(".", O_TMPFILE | O_RDWR, 0600));
            t.ok(t.write(fd, "hidden"));
            t.same("hidden", t.textAt(fd, 10, 0), "content");
            t.check(t.names(".").isEmpty(), "the directory lists " + t.names("."));
            t.octal(Stat.REGULAR | 0600, t.attributes(fd).mode(), "mode");
        });
        s.rule("O_TMPFILE gets a name by linkat", Capability.TMPFILE, Capability.HARD_LINKS, t -> {
            long fd = t.ok(t.open(".", O_TMPFILE | O_RDWR, 0640));
            t.ok(t.write(fd, "named"));
            t.ok(t.link("/proc/self/fd/" + fd, "f", FileCalls.AT_SYMLINK_FOLLOW));
            t.content("f", "named");
            t.equal(1, t.attributes("f").nlink(), "nlink");
        });
        s.rule("O_TMPFILE|O_EXCL can never get a name: ENOENT", Capability.TMPFILE, t -> {
            long fd = t.ok(t.open(".", O_TMPFILE | O_RDWR | O_EXCL, 0640));
            t.errno(t.link("/proc/self/fd/" + fd, "f", FileCalls.AT_SYMLINK_FOLLOW), Errno.ENOENT);
        });
        s.rule("O_TMPFILE for reading only is EINVAL", Capability.TMPFILE, t -> {
            t.errno(t.open(".", O_TMPFILE | O_RDONLY), Errno.EINVAL);
        });
    }
}
