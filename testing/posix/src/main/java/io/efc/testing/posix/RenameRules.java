package io.efc.testing.posix;

import static io.efc.base.FileCalls.RENAME_EXCHANGE;
import static io.efc.base.FileCalls.RENAME_NOREPLACE;

import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;
import java.util.List;
import java.util.Set;

/** rename(2) and renameat2(2). */
final class RenameRules {
    private RenameRules() {}

    /** A kind of thing to rename: how one is made under a name. */
    private record Kind(String name, boolean directory, Make make) {}

    @FunctionalInterface
    private interface Make {
        void run(Scene t, String name);
    }

    private static final List<Kind> KINDS = List.of(
            new Kind("a file", false, (t, n) -> t.file(n, n)),
            new Kind("a symbolic link", false, (t, n) -> t.ok(t.symlink("nowhere", n))),
            new Kind("a FIFO", false, (t, n) -> t.ok(t.mknod(n, Stat.FIFO | 0644, 0))),
            new Kind("an empty directory", true, (t, n) -> t.ok(t.mkdir(n))),
            new Kind("a full directory", true, (t, n) -> {
                t.ok(t.mkdir(n));
                t.file(n + "/inside", "x");
            }));

    static void addTo(Suite s) {
        s.group("rename");
        combinations(s);
        shapes(s);
        permissions(s);
        flags(s);
    }

    private static void combinations(Suite s) {
        for (Kind from : KINDS) {
            s.rule(from.name + " to a new name keeps its inode", Capability.SYMLINKS, Capability.FIFOS, t -> {
                from.make.run(t, "a");
                long ino = t.linkAttributes("a").ino();
                t.ok(t.rename("a", "b"));
                t.errno(t.lstat("a"), Errno.ENOENT);
                t.equal(ino, t.linkAttributes("b").ino(), "inode");
                t.check(t.names(".").equals(Set.of("b")), "the directory lists " + t.names("."));
            });
            for (Kind to : KINDS) {
                s.rule(from.name + " over " + to.name, Capability.SYMLINKS, Capability.FIFOS, t -> {
                    from.make.run(t, "a");
                    to.make.run(t, "b");
                    long ino = t.linkAttributes("a").ino();
                    long result = t.rename("a", "b");
                    if (from.directory && !to.directory) {
                        t.errno(result, Errno.ENOTDIR);
                    } else if (!from.directory && to.directory) {
                        t.errno(result, Errno.EISDIR);
                    } else if (to.name.equals("a full directory")) {
                        t.errno(result, Errno.ENOTEMPTY, Errno.EEXIST);
                    } else {
                        t.ok(result);
                        t.errno(t.lstat("a"), Errno.ENOENT);
                        t.equal(ino, t.linkAttributes("b").ino(), "inode");
                        return;
                    }
                    t.ok(t.lstat("a"));
                    t.ok(t.lstat("b"));
                });
            }
        }
    }

    private static void shapes(Suite s) {
        s.rule("into another directory, with everything below", t -> {
            t.ok(t.mkdir("d"));
            t.ok(t.mkdir("d/sub"));
            t.file("d/sub/f", "deep");
            t.ok(t.mkdir("e"));
            t.ok(t.rename("d/sub", "e/moved"));
            t.content("e/moved/f", "deep");
            t.errno(t.stat("d/sub/f"), Errno.ENOENT);
            t.equal(t.attributes("e").ino(), t.attributes("e/moved/..").ino(), "inode of ..");
            t.equal(2, t.attributes("d").nlink(), "nlink of the old parent");
            t.equal(3, t.attributes("e").nlink(), "nlink of the new parent");
        });
        s.rule("a directory into itself or below is EINVAL", t -> {
            t.ok(t.mkdir("d"));
            t.ok(t.mkdir("d/e"));
            t.errno(t.rename("d", "d/x"), Errno.EINVAL);
            t.errno(t.rename("d", "d/e/x"), Errno.EINVAL);
        });
        s.rule("a directory over its own ancestor is ENOTEMPTY", t -> {
            t.ok(t.mkdir("d"));
            t.ok(t.mkdir("d/e"));
            t.errno(t.rename("d/e", "d"), Errno.ENOTEMPTY, Errno.EEXIST);
        });
        s.rule("to the same name does nothing", t -> {
            t.file("f", "data");
            t.ok(t.rename("f", "f"));
            t.content("f", "data");
            t.ok(t.mkdir("d"));
            t.ok(t.rename("d", "d"));
        });
        s.rule("between two names of one file does nothing, both stay", Capability.HARD_LINKS, t -> {
            t.file("a", "data");
            t.ok(t.link("a", "b"));
            t.ok(t.rename("a", "b"));
            t.content("a", "data");
            t.content("b", "data");
            t.equal(2, t.attributes("a").nlink(), "nlink");
        });
        s.rule("of . and .. is EBUSY or EINVAL", t -> {
            t.ok(t.mkdir("d"));
            t.errno(t.rename("d/.", "e"), Errno.EBUSY, Errno.EINVAL);
            t.errno(t.rename("d/..", "e"), Errno.EBUSY, Errno.EINVAL, Errno.ENOTEMPTY);
            t.errno(t.rename("d", "d/."), Errno.EBUSY, Errno.EINVAL);
        });
        s.rule("a missing source is ENOENT, and the target stays", t -> {
            t.file("b", "stays");
            t.errno(t.rename("absent", "b"), Errno.ENOENT);
            t.content("b", "stays");
        });
        s.rule("replacing a file takes one of its links", Capability.HARD_LINKS, t -> {
            t.file("old", "old");
            t.ok(t.link("old", "other"));
            t.file("new", "new");
            t.ok(t.rename("new", "old"));
            t.content("old", "new");
            t.content("other", "old");
            t.equal(1, t.attributes("other").nlink(), "nlink");
        });
        s.rule("a symbolic link itself is renamed, not its target", Capability.SYMLINKS, t -> {
            t.file("f", "data");
            t.ok(t.symlink("f", "l"));
            t.ok(t.rename("l", "m"));
            t.same("f", t.target("m"), "target");
            t.content("f", "data");
        });
        s.rule("a target that is a symbolic link is replaced, not followed", Capability.SYMLINKS, t -> {
            t.file("f", "f");
            t.file("g", "g");
            t.ok(t.symlink("f", "l"));
            t.ok(t.rename("g", "l"));
            t.content("f", "f");
            t.octal(Stat.REGULAR, t.linkAttributes("l").type(), "type");
        });
        s.rule("an open file keeps its descriptor through a rename", t -> {
            long fd = t.create("a");
            t.ok(t.write(fd, "one"));
            t.ok(t.rename("a", "b"));
            t.ok(t.write(fd, "two"));
            t.content("b", "onetwo");
        });
        s.rule("back and forth 200 times", t -> {
            t.file("a", "data");
            for (int i = 0; i < 100; i++) {
                t.ok(t.rename("a", "b"));
                t.ok(t.rename("b", "a"));
            }
            t.content("a", "data");
        });
    }

    private static void permissions(Suite s) {
        s.rule("needs permission to write both directories", t -> {
            t.directoryOf(User.ALICE, "mine", 0755);
            t.directoryOf(User.BOB, "his", 0755);
            t.fileOf(User.ALICE, "mine/f", 0644);
            t.fileOf(User.ALICE, "his/g", 0644);
            t.errno(t.as(User.ALICE, () -> t.rename("mine/f", "his/f")), Errno.EACCES);
            t.errno(t.as(User.ALICE, () -> t.rename("his/g", "mine/g")), Errno.EACCES);
        });
        s.rule("moving a directory to another parent needs permission to write the directory itself", t -> {
            t.directoryOf(User.ALICE, "a", 0777);
            t.directoryOf(User.ALICE, "b", 0777);
            t.directoryOf(User.BOB, "a/d", 0755);
            t.errno(t.as(User.ALICE, () -> t.rename("a/d", "b/d")), Errno.EACCES);
            t.ok(t.as(User.ALICE, () -> t.rename("a/d", "a/e")));
        });
        s.rule("out of a sticky directory only by the owner of either", t -> {
            t.directoryOf(User.ALICE, "s", 01777);
            t.directoryOf(User.CAROL, "mine", 0755);
            t.fileOf(User.BOB, "s/f", 0666);
            t.errno(t.as(User.CAROL, () -> t.rename("s/f", "mine/f")), Errno.EPERM, Errno.EACCES);
            t.errno(t.as(User.CAROL, () -> t.rename("s/f", "s/g")), Errno.EPERM, Errno.EACCES);
            t.ok(t.as(User.BOB, () -> t.rename("s/f", "s/g")));
            t.ok(t.as(User.ALICE, () -> t.rename("s/g", "s/h")));
        });
        s.rule("over a file in a sticky directory only by the owner of either", t -> {
            t.directoryOf(User.ALICE, "s", 01777);
            t.fileOf(User.BOB, "s/his", 0666);
            t.fileOf(User.CAROL, "s/hers", 0666);
            t.errno(t.as(User.CAROL, () -> t.rename("s/hers", "s/his")), Errno.EPERM, Errno.EACCES);
            t.ok(t.as(User.ALICE, () -> t.rename("s/hers", "s/his")));
        });
    }

    private static void flags(Suite s) {
        s.rule("NOREPLACE over what exists is EEXIST", Capability.RENAME_NOREPLACE, t -> {
            t.file("a", "a");
            t.file("b", "b");
            t.ok(t.mkdir("d"));
            t.errno(t.rename("a", "b", RENAME_NOREPLACE), Errno.EEXIST);
            t.errno(t.rename("a", "d", RENAME_NOREPLACE), Errno.EEXIST);
            t.content("b", "b");
            t.ok(t.rename("a", "c", RENAME_NOREPLACE));
            t.content("c", "a");
        });
        s.rule("EXCHANGE swaps two names", Capability.RENAME_EXCHANGE, t -> {
            t.file("a", "a");
            t.file("b", "b");
            t.ok(t.rename("a", "b", RENAME_EXCHANGE));
            t.content("a", "b");
            t.content("b", "a");
        });
        s.rule("EXCHANGE swaps a file and a full directory", Capability.RENAME_EXCHANGE, t -> {
            t.file("f", "data");
            t.ok(t.mkdir("d"));
            t.ok(t.mkdir("d/e"));
            t.file("d/e/g", "deep");
            t.ok(t.rename("f", "d/e", RENAME_EXCHANGE));
            t.content("d/e", "data");
            t.content("f/g", "deep");
            t.equal(2, t.attributes("d").nlink(), "nlink of the directory that lost one");
        });
        s.rule("EXCHANGE needs both names: ENOENT", Capability.RENAME_EXCHANGE, t -> {
            t.file("a", "");
            t.errno(t.rename("a", "absent", RENAME_EXCHANGE), Errno.ENOENT);
            t.errno(t.rename("absent", "a", RENAME_EXCHANGE), Errno.ENOENT);
        });
        s.rule("EXCHANGE of a directory with what lies in it is EINVAL", Capability.RENAME_EXCHANGE, t -> {
            t.ok(t.mkdir("d"));
            t.file("d/f", "");
            t.errno(t.rename("d", "d/f", RENAME_EXCHANGE), Errno.EINVAL, Errno.ENOTEMPTY);
        });
        s.rule("WHITEOUT leaves a device 0:0", Capability.RENAME_WHITEOUT, t -> {
            t.file("a", "data");
            t.ok(t.rename("a", "b", FileCalls.RENAME_WHITEOUT));
            t.content("b", "data");
            Stat w = t.linkAttributes("a");
            t.octal(Stat.CHARACTER, w.type(), "type");
            t.equal(0, w.rdevMajor() + w.rdevMinor(), "device number");
        });
        s.rule("over a name that is looked up as absent shows at once", t -> {
            t.errno(t.stat("b"), Errno.ENOENT);
            t.file("a", "data");
            t.ok(t.rename("a", "b"));
            t.content("b", "data");
            t.errno(t.open("a", Libc.O_RDONLY), Errno.ENOENT);
        });
    }
}
