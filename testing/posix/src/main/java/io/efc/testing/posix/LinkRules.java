package io.efc.testing.posix;

import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;

/** link(2) and unlink(2). */
final class LinkRules {
    private LinkRules() {}

    static void addTo(Suite s) {
        s.group("link");
        linking(s);
        unlinking(s);
    }

    private static void linking(Suite s) {
        s.rule("a second name for one file", Capability.HARD_LINKS, t -> {
            t.file("a", "data");
            t.ok(t.link("a", "b"));
            t.equal(t.attributes("a").ino(), t.attributes("b").ino(), "inode");
            t.equal(2, t.attributes("a").nlink(), "nlink by the first name");
            t.equal(2, t.attributes("b").nlink(), "nlink by the second");
            long fd = t.ok(t.open("b", Libc.O_WRONLY | Libc.O_APPEND));
            t.ok(t.write(fd, "more"));
            t.content("a", "datamore");
            t.ok(t.chmod("b", 0600));
            t.octal(0600, t.attributes("a").permissions(), "mode by the first name");
            t.ok(t.unlink("a"));
            t.equal(1, t.attributes("b").nlink(), "nlink after unlink");
            t.content("b", "datamore");
        });
        s.rule("100 names", Capability.HARD_LINKS, t -> {
            t.file("f", "x");
            for (int i = 1; i < 100; i++) {
                t.ok(t.link("f", "f" + i));
            }
            t.equal(100, t.attributes("f50").nlink(), "nlink");
            for (int i = 1; i < 100; i++) {
                t.ok(t.unlink("f" + i));
            }
            t.equal(1, t.attributes("f").nlink(), "nlink");
        });
        s.rule("a name that exists is EEXIST, and nothing is replaced", Capability.HARD_LINKS, t -> {
            t.file("a", "a");
            t.file("b", "b");
            t.errno(t.link("a", "b"), Errno.EEXIST);
            t.content("b", "b");
        });
        s.rule("a directory is EPERM", Capability.HARD_LINKS, t -> {
            t.ok(t.mkdir("d"));
            t.errno(t.link("d", "e"), Errno.EPERM);
        });
        s.rule("linkat links a symbolic link itself", Capability.HARD_LINKS, Capability.SYMLINKS, t -> {
            t.file("f", "");
            t.ok(t.symlink("f", "l"));
            t.ok(t.link("l", "m"));
            t.octal(Stat.SYMLINK, t.linkAttributes("m").type(), "type");
            t.equal(t.linkAttributes("l").ino(), t.linkAttributes("m").ino(), "inode");
        });
        s.rule("linkat with AT_SYMLINK_FOLLOW links its target", Capability.HARD_LINKS, Capability.SYMLINKS, t -> {
            t.file("f", "");
            t.ok(t.symlink("f", "l"));
            t.ok(t.link("l", "m", FileCalls.AT_SYMLINK_FOLLOW));
            t.equal(t.attributes("f").ino(), t.linkAttributes("m").ino(), "inode");
        });
        s.rule("link needs permission to write the new directory", Capability.HARD_LINKS, t -> {
            t.fileOf(User.ALICE, "f", 0644);
            t.directoryOf(User.BOB, "d", 0755);
            t.errno(t.as(User.ALICE, () -> t.link("f", "d/f")), Errno.EACCES);
        });
        s.rule("a hard link in another directory survives the first directory", Capability.HARD_LINKS, t -> {
            t.ok(t.mkdir("d"));
            t.ok(t.mkdir("e"));
            t.file("d/f", "data");
            t.ok(t.link("d/f", "e/f"));
            t.ok(t.unlink("d/f"));
            t.ok(t.rmdir("d"));
            t.content("e/f", "data");
        });
        s.rule("a FIFO can be linked", Capability.HARD_LINKS, Capability.FIFOS, t -> {
            t.ok(t.mknod("p", Stat.FIFO | 0600, 0));
            t.ok(t.link("p", "q"));
            t.octal(Stat.FIFO, t.attributes("q").type(), "type");
            t.equal(2, t.attributes("q").nlink(), "nlink");
        });
    }

    private static void unlinking(Suite s) {
        s.rule("unlink takes a name away", t -> {
            t.file("f", "");
            t.ok(t.unlink("f"));
            t.errno(t.stat("f"), Errno.ENOENT);
            t.errno(t.unlink("f"), Errno.ENOENT);
            t.check(t.names(".").isEmpty(), "it is still listed");
        });
        s.rule("unlink of a directory is EISDIR on Linux, EPERM by POSIX", t -> {
            t.ok(t.mkdir("d"));
            t.errno(t.unlink("d"), Errno.EISDIR, Errno.EPERM);
        });
        s.rule("unlink of a symbolic link leaves its target", Capability.SYMLINKS, t -> {
            t.file("f", "data");
            t.ok(t.symlink("f", "l"));
            t.ok(t.unlink("l"));
            t.content("f", "data");
        });
        s.rule("unlink needs permission to write the directory, not the file", t -> {
            t.directoryOf(User.ALICE, "d", 0755);
            t.fileOf(User.BOB, "d/f", 0666);
            t.errno(t.as(User.BOB, () -> t.unlink("d/f")), Errno.EACCES);
            t.ok(t.as(User.ALICE, () -> t.unlink("d/f")));
        });
        s.rule("in a sticky directory only the owner of either, or root, may unlink", t -> {
            t.directoryOf(User.ALICE, "d", 01777);
            t.fileOf(User.BOB, "d/f", 0666);
            t.errno(t.as(User.CAROL, () -> t.unlink("d/f")), Errno.EPERM, Errno.EACCES);
            t.ok(t.as(User.BOB, () -> t.unlink("d/f")));
            t.fileOf(User.BOB, "d/f", 0666);
            t.ok(t.as(User.ALICE, () -> t.unlink("d/f")));
            t.fileOf(User.BOB, "d/f", 0666);
            t.ok(t.unlink("d/f"));
        });
        s.rule("a name made again after unlink is a new file", t -> {
            t.file("f", "old", 0600);
            t.ok(t.unlink("f"));
            t.file("f", "new", 0644);
            t.content("f", "new");
            t.octal(0644, t.attributes("f").permissions(), "mode");
        });
    }
}
