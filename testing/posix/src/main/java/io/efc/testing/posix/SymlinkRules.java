package io.efc.testing.posix;

import io.efc.base.Errno;
import io.efc.base.Libc;

/** symlink(2) and readlink(2). */
final class SymlinkRules {
    private SymlinkRules() {}

    static void addTo(Suite s) {
        s.group("symlink");
        s.rule("holds its target byte by byte", Capability.SYMLINKS, t -> {
            String[] targets = {"a", "/absolute/path", "../..", "with blank", "caf\u00e9\u00ff", "x".repeat(1000)};
            for (int i = 0; i < targets.length; i++) {
                t.ok(t.symlink(targets[i], "l" + i));
                t.same(targets[i], t.target("l" + i), "target");
                Stat a = t.linkAttributes("l" + i);
                t.octal(Stat.SYMLINK, a.type(), "type");
                t.equal(targets[i].length(), a.size(), "size");
            }
        });
        s.rule("belongs to its maker", Capability.SYMLINKS, t -> {
            t.ok(t.as(User.ALICE, () -> t.symlink("x", "l")));
            t.equal(User.ALICE.uid(), t.linkAttributes("l").uid(), "uid");
            t.equal(User.ALICE.gid(), t.linkAttributes("l").gid(), "gid");
        });
        s.rule("over a name that exists is EEXIST", Capability.SYMLINKS, t -> {
            t.file("f", "");
            t.ok(t.symlink("absent", "l"));
            t.errno(t.symlink("x", "f"), Errno.EEXIST);
            t.errno(t.symlink("x", "l"), Errno.EEXIST);
        });
        s.rule("an empty target is ENOENT, one of 4096 bytes ENAMETOOLONG", Capability.SYMLINKS, t -> {
            t.errno(t.symlink("", "l"), Errno.ENOENT);
            t.errno(t.symlink("x".repeat(4096), "l"), Errno.ENAMETOOLONG);
        });
        s.rule("needs permission to write the directory", Capability.SYMLINKS, t -> {
            t.directoryOf(User.ALICE, "d", 0755);
            t.errno(t.as(User.BOB, () -> t.symlink("x", "d/l")), Errno.EACCES);
        });
        s.rule("readlink of something else is EINVAL", Capability.SYMLINKS, t -> {
            t.file("f", "");
            t.ok(t.mkdir("d"));
            t.errno(t.readlink("f", 100), Errno.EINVAL);
            t.errno(t.readlink("d", 100), Errno.EINVAL);
        });
        s.rule("readlink cuts to the buffer without a word", Capability.SYMLINKS, t -> {
            t.ok(t.symlink("0123456789", "l"));
            t.equal(4, t.readlink("l", 4), "bytes");
        });
        s.rule("readlink into nothing is EINVAL", Capability.SYMLINKS, t -> {
            t.ok(t.symlink("x", "l"));
            t.errno(t.readlink("l", 0), Errno.EINVAL);
        });
        s.rule("open, chmod, truncate, stat follow it", Capability.SYMLINKS, t -> {
            t.file("f", "data");
            t.ok(t.symlink("f", "l"));
            t.content("l", "data");
            t.ok(t.chmod("l", 0600));
            t.ok(t.truncate("l", 2));
            t.octal(0600, t.attributes("f").permissions(), "mode of the target");
            t.equal(t.attributes("f").ino(), t.attributes("l").ino(), "inode by stat");
            t.check(t.linkAttributes("l").ino() != t.attributes("l").ino(), "lstat gave the target's inode");
        });
        s.rule("is followed in the middle of a path, also upwards", Capability.SYMLINKS, t -> {
            t.ok(t.mkdir("d"));
            t.ok(t.mkdir("d/e"));
            t.file("f", "up");
            t.file("d/e/g", "down");
            t.ok(t.symlink("../..", "d/e/top"));
            t.ok(t.symlink("d/e", "short"));
            t.content("d/e/top/f", "up");
            t.content("short/g", "down");
            t.content("short/../../f", "up");
        });
        s.rule("replaced by another, it leads to the new target at once", Capability.SYMLINKS, t -> {
            t.file("a", "a");
            t.file("b", "b");
            t.ok(t.symlink("a", "l"));
            t.content("l", "a");
            t.ok(t.symlink("b", "m"));
            t.ok(t.rename("m", "l"));
            t.content("l", "b");
            t.same("b", t.target("l"), "target");
        });
        s.rule("a trailing slash follows it to a directory only", Capability.SYMLINKS, t -> {
            t.ok(t.mkdir("d"));
            t.file("f", "");
            t.ok(t.symlink("d", "ld"));
            t.ok(t.symlink("f", "lf"));
            t.octal(Stat.DIRECTORY, t.linkAttributes("ld/").type(), "type");
            t.errno(t.lstat("lf/"), Errno.ENOTDIR);
        });
        s.rule("O_PATH|O_NOFOLLOW opens the link itself", Capability.SYMLINKS, t -> {
            t.ok(t.symlink("absent", "l"));
            long fd = t.ok(t.open("l", Libc.O_PATH | Libc.O_NOFOLLOW));
            t.octal(Stat.SYMLINK, t.attributes(fd).type(), "type");
        });
    }
}
