package io.efc.testing.posix;

import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;
import java.util.List;

/** The errors of path resolution, which every call that takes a path shares (POSIX.1-2024 4.16, path_resolution(7)). */
final class PathRules {
    private static final int NAME_MAX = 255;
    private static final int PATH_MAX = 4096;

    private PathRules() {}

    /** A call that resolves one path; {@code source} is the name of a file that exists, for calls that take two. */
    private record PathCall(String name, boolean makes, Call call) {}

    @FunctionalInterface
    private interface Call {
        long run(Scene t, String path);
    }

    private static final List<PathCall> CALLS = List.of(
            new PathCall("open", false, (t, p) -> t.open(p, Libc.O_RDONLY)),
            new PathCall("open O_CREAT", true, (t, p) -> t.open(p, Libc.O_CREAT | Libc.O_WRONLY)),
            new PathCall("mkdir", true, (t, p) -> t.mkdir(p)),
            new PathCall("rmdir", false, (t, p) -> t.rmdir(p)),
            new PathCall("unlink", false, (t, p) -> t.unlink(p)),
            new PathCall("link from", false, (t, p) -> t.link(p, "new")),
            new PathCall("link to", true, (t, p) -> t.link("file", p)),
            new PathCall("rename from", false, (t, p) -> t.rename(p, "new")),
            new PathCall("rename to", true, (t, p) -> t.rename("file", p)),
            new PathCall("symlink", true, (t, p) -> t.symlink("target", p)),
            new PathCall("readlink", false, (t, p) -> t.readlink(p, 100)),
            new PathCall("mknod", true, (t, p) -> t.mknod(p, Stat.REGULAR | 0644, 0)),
            new PathCall("stat", false, (t, p) -> t.stat(p)),
            new PathCall("lstat", false, (t, p) -> t.lstat(p)),
            new PathCall("access", false, (t, p) -> t.access(p, Calls.F_OK)),
            new PathCall("chmod", false, (t, p) -> t.chmod(p, 0600)),
            new PathCall("chown", false, (t, p) -> t.chown(p, 0, 0)),
            new PathCall("utimensat", false, (t, p) -> t.utimensNull(p)),
            new PathCall("truncate", false, (t, p) -> t.truncate(p, 0)));

    static void addTo(Suite s) {
        s.group("path");
        for (PathCall c : CALLS) {
            s.rule(c.name + ": a prefix that does not exist is ENOENT", t -> {
                t.file("file", "");
                t.errno(c.call.run(t, "absent/x"), Errno.ENOENT);
            });
            s.rule(c.name + ": a prefix that is a file is ENOTDIR", t -> {
                t.file("file", "");
                t.errno(c.call.run(t, "file/x"), Errno.ENOTDIR);
            });
            s.rule(c.name + ": an empty path is ENOENT", t -> {
                t.file("file", "");
                t.errno(c.call.run(t, ""), Errno.ENOENT);
            });
            s.rule(c.name + ": a name of 256 bytes is ENAMETOOLONG", t -> {
                t.file("file", "");
                t.errno(c.call.run(t, "n".repeat(NAME_MAX + 1)), Errno.ENAMETOOLONG);
            });
            s.rule(c.name + ": a path of 4096 bytes is ENAMETOOLONG", t -> {
                t.file("file", "");
                t.errno(c.call.run(t, "./".repeat(PATH_MAX / 2 - 1) + "ab"), Errno.ENAMETOOLONG);
            });
            s.rule(c.name + ": a prefix that goes round in circles is ELOOP", Capability.SYMLINKS, t -> {
                t.file("file", "");
                t.ok(t.symlink("loop2", "loop1"));
                t.ok(t.symlink("loop1", "loop2"));
                t.errno(c.call.run(t, "loop1/x"), Errno.ELOOP);
            });
            s.rule(c.name + ": a prefix without search permission is EACCES", t -> {
                t.fileOf(User.ALICE, "file", 0644);
                t.directoryOf(User.ALICE, "d", 0755);
                if (!c.makes) {
                    t.file("d/x", "");
                    t.ok(t.chown("d/x", User.ALICE.uid(), User.ALICE.gid()));
                }
                t.ok(t.chmod("d", 0600));
                t.errno(t.as(User.ALICE, () -> c.call.run(t, "d/x")), Errno.EACCES);
            });
            if (!c.makes) {
                s.rule(c.name + ": a last name that does not exist is ENOENT", t -> {
                    t.file("file", "");
                    t.errno(c.call.run(t, "absent"), Errno.ENOENT);
                });
            }
        }
        limits(s);
        names(s);
        slashes(s);
    }

    private static void limits(Suite s) {
        s.rule("a name of 255 bytes can be made, found, listed and removed", t -> {
            String name = "n".repeat(NAME_MAX);
            t.file(name, "long");
            t.content(name, "long");
            t.check(t.names(".").equals(java.util.Set.of(name)), "the long name is not listed");
            t.ok(t.rename(name, "m".repeat(NAME_MAX)));
            t.ok(t.unlink("m".repeat(NAME_MAX)));
            t.ok(t.mkdir(name));
            t.ok(t.rmdir(name));
        });
        s.rule("a path of 4095 bytes can be opened", t -> {
            t.file("f", "x");
            String path = "./".repeat(PATH_MAX / 2 - 1) + "f";
            t.equal(PATH_MAX - 1, path.length(), "length of the path");
            t.ok(t.stat(path));
        });
        s.rule("directories nest 100 deep", t -> {
            StringBuilder path = new StringBuilder("d");
            t.ok(t.mkdir(path.toString()));
            for (int i = 1; i < 100; i++) {
                path.append("/d");
                t.ok(t.mkdir(path.toString()));
            }
            t.file(path + "/f", "deep");
            t.content(path + "/f", "deep");
        });
        s.rule("40 symbolic links in a row are followed, 41 are ELOOP", Capability.SYMLINKS, t -> {
            t.file("l0", "end");
            for (int i = 1; i <= 41; i++) {
                t.ok(t.symlink("l" + (i - 1), "l" + i));
            }
            t.ok(t.stat("l40"));
            t.errno(t.stat("l41"), Errno.ELOOP);
        });
    }

    private static void names(Suite s) {
        s.rule("names are bytes: every byte but NUL and slash", Capability.BYTE_NAMES, t -> {
            for (int b = 1; b < 256; b++) {
                if (b != '/' && b != '.') {
                    t.file("" + (char) b, "" + (char) b);
                }
            }
            t.equal(253, t.names(".").size(), "names listed");
            for (int b = 1; b < 256; b++) {
                if (b != '/' && b != '.') {
                    t.content("" + (char) b, "" + (char) b);
                }
            }
        });
        s.rule("names that are not UTF-8 are kept as they are", Capability.BYTE_NAMES, t -> {
            String name = "caf\u00e9-\u00ff\u0080";
            t.file(name, "latin");
            t.check(t.names(".").contains(name), "the name is not listed byte by byte");
            t.ok(t.rename(name, "\u00c3("));
            t.content("\u00c3(", "latin");
        });
        s.rule("upper and lower case are different", t -> {
            t.file("name", "lower");
            t.file("NAME", "upper");
            t.content("name", "lower");
            t.content("NAME", "upper");
        });
        s.rule("two Unicode spellings of one letter are different names", t -> {
            t.file("\u00c3\u00a9", "composed");
            t.file("e\u00cc\u0081", "decomposed");
            t.equal(2, t.names(".").size(), "names listed");
        });
        s.rule("names with blanks, newlines and quotes work", t -> {
            for (String name : List.of(" ", "a b", "\n", "\t", "'", "\"", "\\", "*", "-rf", "...", " .")) {
                t.file(name, name);
                t.content(name, name);
            }
        });
    }

    private static void slashes(Suite s) {
        s.rule("repeated slashes count as one", t -> {
            t.ok(t.mkdir("d"));
            t.file("d/f", "x");
            t.content("d////f", "x");
        });
        s.rule(". and .. lead where they should", t -> {
            t.ok(t.mkdir("d"));
            t.ok(t.mkdir("d/e"));
            t.file("f", "x");
            t.content("d/e/../../f", "x");
            t.content("./d/./../f", "x");
            t.equal(t.attributes("d").ino(), t.attributes("d/e/..").ino(), "inode of d/e/..");
        });
        s.rule("a slash behind a file is ENOTDIR", t -> {
            t.file("f", "x");
            t.errno(t.open("f/", Libc.O_RDONLY), Errno.ENOTDIR);
            t.errno(t.stat("f/"), Errno.ENOTDIR);
            t.errno(t.unlink("f/"), Errno.ENOTDIR);
            t.errno(t.rename("f/", "g"), Errno.ENOTDIR);
        });
        s.rule("mkdir accepts a slash behind the new name", t -> {
            t.ok(t.mkdir("d/"));
            t.ok(t.rmdir("d/"));
        });
        s.rule("open O_CREAT with a slash behind the name is EISDIR", t -> {
            t.errno(t.open("new/", Libc.O_CREAT | Libc.O_WRONLY), Errno.EISDIR);
            t.errno(t.stat("new"), Errno.ENOENT);
        });
        s.rule("access tells apart what is permitted to whom", t -> {
            t.fileOf(User.ALICE, "f", 0640);
            t.ok(t.as(User.ALICE, () -> t.access("f", Calls.R_OK | Calls.W_OK)));
            t.errno(t.as(User.ALICE, () -> t.access("f", Calls.X_OK)), Errno.EACCES);
            t.ok(t.as(User.CAROL, () -> t.access("f", Calls.R_OK)));
            t.errno(t.as(User.CAROL, () -> t.access("f", Calls.W_OK)), Errno.EACCES);
            t.errno(t.as(User.BOB, () -> t.access("f", Calls.R_OK)), Errno.EACCES);
            t.ok(t.as(User.BOB, () -> t.access("f", Calls.F_OK)));
        });
        s.rule("access: root may execute only what somebody may execute", t -> {
            t.file("f", "", 0644);
            t.ok(t.access("f", Calls.R_OK | Calls.W_OK));
            t.errno(t.access("f", Calls.X_OK), Errno.EACCES);
            t.ok(t.chmod("f", 0001));
            t.ok(t.access("f", Calls.X_OK));
        });
        s.rule("access with a bad mode is EINVAL", t -> {
            t.file("f", "");
            t.errno(t.access("f", 077), Errno.EINVAL);
        });
        s.rule("search permission alone leads through a directory that cannot be read", t -> {
            t.directoryOf(User.ALICE, "d", 0711);
            t.fileOf(User.ALICE, "d/f", 0644);
            t.ok(t.as(User.BOB, () -> t.stat("d/f")));
            t.errno(t.as(User.BOB, () -> t.open("d", Libc.O_RDONLY | Libc.O_DIRECTORY)), Errno.EACCES);
        });
        s.rule("unknown flags of linkat, fchownat and renameat2 are EINVAL", t -> {
            t.file("f", "");
            t.errno(t.link("f", "g", 0x4000000), Errno.EINVAL);
            t.errno(t.chown("f", 0, 0, 0x4000000), Errno.EINVAL);
            t.errno(t.rename("f", "g", 0x4000), Errno.EINVAL);
            t.errno(t.rename("f", "g", FileCalls.RENAME_NOREPLACE | FileCalls.RENAME_EXCHANGE), Errno.EINVAL);
        });
    }
}
