package io.efc.testing.posix;

import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;
import java.util.EnumSet;
import java.util.Set;

/** utimensat(2), and which operation changes which time of a file and of its directory. */
final class TimeRules {
    private final Suite suite;

    private TimeRules(Suite suite) {
        this.suite = suite;
    }

    /** A call on the file {@code d/f}, alone in the directory {@code d}. */
    @FunctionalInterface
    private interface Act {
        long run(Scene t);
    }

    static void addTo(Suite s) {
        s.group("times");
        setting(s);
        settingRights(s);
        TimeRules rules = new TimeRules(s);
        rules.ofContent();
        rules.ofAttributes();
        rules.ofNames();
        rules.ofFailures();
        reading(s);
        making(s);
    }

    private static void setting(Suite s) {
        s.rule("utimensat sets both times to what it is told", t -> {
            t.file("f", "");
            long atime = Scene.PAST;
            long mtime = Scene.PAST + 86_400 * Calls.SECOND;
            t.ok(t.utimens("f", atime, mtime));
            Stat a = t.attributes("f");
            t.equal(atime, a.atime(), "atime");
            t.equal(mtime, a.mtime(), "mtime");
        });
        s.rule("nanoseconds are kept", t -> {
            t.file("f", "");
            t.ok(t.utimens("f", Scene.PAST + 789, Scene.PAST + 987));
            t.equal(Scene.PAST + 789, t.attributes("f").atime(), "atime");
            t.equal(Scene.PAST + 987, t.attributes("f").mtime(), "mtime");
        });
        s.rule("the year 1970 and 2105 can be set", t -> {
            t.file("f", "");
            for (long time : new long[] {0, Calls.SECOND, 4_260_000_000L * Calls.SECOND}) {
                t.ok(t.utimens("f", time, time));
                t.equal(time, t.attributes("f").mtime(), "mtime");
            }
        });
        s.rule("UTIME_OMIT leaves a time", t -> {
            t.file("f", "");
            t.ok(t.utimens("f", Scene.PAST, Scene.PAST));
            t.ok(t.utimens("f", Scene.OMIT, 5 * Calls.SECOND));
            t.equal(Scene.PAST, t.attributes("f").atime(), "atime");
            t.equal(5 * Calls.SECOND, t.attributes("f").mtime(), "mtime");
            t.ok(t.utimens("f", 6 * Calls.SECOND, Scene.OMIT));
            t.equal(6 * Calls.SECOND, t.attributes("f").atime(), "atime");
            t.equal(5 * Calls.SECOND, t.attributes("f").mtime(), "mtime");
        });
        s.rule("UTIME_NOW and no times mean the current time", t -> {
            t.file("f", "");
            for (int i = 0; i < 2; i++) {
                t.age("f");
                t.ok(i == 0 ? t.utimens("f", Scene.NOW, Scene.NOW) : t.utimensNull("f"));
                Stat a = t.attributes("f");
                t.file("now" + i, "");
                long now = t.attributes("now" + i).mtime();
                t.check(Math.abs(now - a.mtime()) < 5 * Calls.SECOND, "mtime is " + a.mtime() + ", now is " + now);
                t.check(Math.abs(now - a.atime()) < 5 * Calls.SECOND, "atime is " + a.atime() + ", now is " + now);
            }
        });
        s.rule("utimensat changes ctime", t -> {
            t.file("f", "");
            t.age("f");
            long before = t.attributes("f").ctime();
            t.ok(t.utimens("f", Scene.PAST, Scene.PAST));
            t.check(t.attributes("f").ctime() > before, "ctime stands still");
        });
        s.rule("times of a directory and of a symbolic link", Capability.SYMLINK_TIMES, t -> {
            t.ok(t.mkdir("d"));
            t.file("f", "");
            t.ok(t.symlink("f", "l"));
            long before = t.attributes("f").mtime();
            t.ok(t.utimens("d", Scene.PAST, Scene.PAST));
            t.ok(t.utimens("l", Scene.PAST, Scene.PAST, FileCalls.AT_SYMLINK_NOFOLLOW));
            t.equal(Scene.PAST, t.attributes("d").mtime(), "mtime of the directory");
            t.equal(Scene.PAST, t.linkAttributes("l").mtime(), "mtime of the link");
            t.equal(before, t.attributes("f").mtime(), "mtime of its target");
        });
        s.rule("times that are set survive close, fsync and reading", t -> {
            long fd = t.create("f");
            t.ok(t.write(fd, "data"));
            t.ok(t.utimens("f", Scene.PAST, Scene.PAST));
            t.ok(t.fsync(fd));
            t.ok(t.close(fd));
            t.equal(Scene.PAST, t.attributes("f").mtime(), "mtime");
            t.content("f", "data");
            t.equal(Scene.PAST, t.attributes("f").mtime(), "mtime after reading");
        });
    }

    private static void settingRights(Suite s) {
        s.rule("given times may be set by the owner and root only: EPERM", t -> {
            t.fileOf(User.ALICE, "f", 0666);
            t.errno(t.as(User.BOB, () -> t.utimens("f", 0, 0)), Errno.EPERM);
            t.ok(t.as(User.ALICE, () -> t.utimens("f", 0, 0)));
            t.ok(t.utimens("f", 1, 1));
        });
        s.rule("the current time may be set by anyone who may write, else EACCES", t -> {
            t.fileOf(User.ALICE, "f", 0666);
            t.ok(t.as(User.BOB, () -> t.utimensNull("f")));
            t.ok(t.as(User.BOB, () -> t.utimens("f", Scene.NOW, Scene.NOW)));
            t.ok(t.chmod("f", 0644));
            t.errno(t.as(User.BOB, () -> t.utimensNull("f")), Errno.EACCES);
            t.ok(t.chmod("f", 0444));
            t.ok(t.as(User.ALICE, () -> t.utimensNull("f")));
        });
        s.rule("one time now and the other left needs the owner: EPERM", t -> {
            t.fileOf(User.ALICE, "f", 0666);
            t.errno(t.as(User.BOB, () -> t.utimens("f", Scene.NOW, Scene.OMIT)), Errno.EPERM);
        });
        s.rule("both times left needs nothing and does nothing", t -> {
            t.fileOf(User.ALICE, "f", 0600);
            t.ok(t.as(User.BOB, () -> t.utimens("f", Scene.OMIT, Scene.OMIT)));
        });
    }

    private void ofContent() {
        row("write", "mc", "", t -> t.write(t.ok(t.open("d/f", Libc.O_WRONLY)), "x"));
        row("appending", "mc", "", t -> t.write(t.ok(t.open("d/f", Libc.O_WRONLY | Libc.O_APPEND)), "x"));
        row("writing nothing", "", "", t -> t.write(t.ok(t.open("d/f", Libc.O_WRONLY)), ""));
        row("truncating shorter", "mc", "", t -> t.truncate("d/f", 1));
        row("truncating longer", "mc", "", t -> t.truncate("d/f", 100));
        row("ftruncate", "mc", "", t -> t.ftruncate(t.ok(t.open("d/f", Libc.O_WRONLY)), 1));
        row("O_TRUNC", "mc", "", t -> t.open("d/f", Libc.O_WRONLY | Libc.O_TRUNC));
        row("opening with O_CREAT what exists", "", "", t -> t.open("d/f", Libc.O_RDWR | Libc.O_CREAT));
        row("fallocate that lengthens", "mc", "", Capability.FALLOCATE, t -> {
            return t.fallocate(t.ok(t.open("d/f", Libc.O_WRONLY)), 0, 0, 10000);
        });
        row("a hole punched", "mc", "", Capability.PUNCH_HOLE, t -> {
            int mode = Libc.FALLOC_FL_PUNCH_HOLE | Libc.FALLOC_FL_KEEP_SIZE;
            return t.fallocate(t.ok(t.open("d/f", Libc.O_WRONLY)), mode, 0, 2);
        });
        row("copy_file_range into it", "mc", "", Capability.COPY_FILE_RANGE, t -> {
            t.file("source", "0123456789");
            return t.copyFileRange(t.ok(t.open("source", Libc.O_RDONLY)), 0, t.ok(t.open("d/f", Libc.O_WRONLY)), 0, 10);
        });
        row("a store through a shared mapping, synchronised", "mc", "", Capability.SHARED_MMAP, t -> {
            long fd = t.ok(t.open("d/f", Libc.O_RDWR));
            try (Mapping m = Mapping.of(fd, 4096, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED)) {
                m.put(0, "X");
                return m.sync();
            }
        });
    }

    private void ofAttributes() {
        row("chmod", "c", "", t -> t.chmod("d/f", 0600));
        row("chown", "c", "", t -> t.chown("d/f", 5, 6));
        row("setxattr", "c", "", Capability.USER_XATTRS, t -> t.setxattr("d/f", "user.a", "1"));
        row("link, in the same directory", "c", "mc", Capability.HARD_LINKS, t -> t.link("d/f", "d/g"));
        row("link, in another directory", "c", "", Capability.HARD_LINKS, t -> t.link("d/f", "g"));
        row("stat, access and open", "", "", t -> {
            t.ok(t.stat("d/f"));
            t.ok(t.access("d/f", Calls.R_OK));
            return t.open("d/f", Libc.O_RDWR);
        });
        row("fsync", "", "", t -> t.fsync(t.ok(t.open("d/f", Libc.O_RDWR))));
    }

    private void ofNames() {
        row("unlink", "c", "mc", t -> t.unlink("d/f"));
        row("rename in the directory", "?", "mc", t -> t.rename("d/f", "d/g"));
        row("rename out of the directory", "?", "mc", t -> t.rename("d/f", "g"));
        row("rename into the directory over it", "c", "mc", t -> {
            t.file("g", "new");
            return t.rename("g", "d/f");
        });
        row("creating a file beside it", "", "mc", t -> t.open("d/g", Libc.O_CREAT | Libc.O_WRONLY));
        row("mkdir beside it", "", "mc", t -> t.mkdir("d/g"));
        row("symlink beside it", "", "mc", Capability.SYMLINKS, t -> t.symlink("x", "d/g"));
        row("mknod beside it", "", "mc", Capability.FIFOS, t -> t.mknod("d/g", Stat.FIFO | 0600, 0));
        suite.rule("rmdir changes mtime and ctime of the parent", t -> {
            t.ok(t.mkdir("d"));
            t.ok(t.mkdir("d/e"));
            t.age("d");
            Stat before = t.attributes("d");
            t.ok(t.rmdir("d/e"));
            marks(t, "the directory's", before, t.attributes("d"), "mc");
        });
    }

    private void ofFailures() {
        row("a failed create", "", "", t -> fails(t, t.open("d/f", Libc.O_CREAT | Libc.O_EXCL), Errno.EEXIST));
        row("a failed mkdir", "", "", t -> fails(t, t.mkdir("d/f"), Errno.EEXIST));
        row("a failed chmod", "", "", t -> fails(t, t.as(User.BOB, () -> t.chmod("d/f", 0)), Errno.EPERM));
        row("a failed truncate", "", "", t -> fails(t, t.as(User.BOB, () -> t.truncate("d/f", 0)), Errno.EACCES));
        row("a failed unlink", "", "", t -> fails(t, t.as(User.BOB, () -> t.unlink("d/f")), Errno.EACCES));
        row(
                "a failed link",
                "",
                "",
                t -> fails(t, t.as(User.BOB, () -> t.link("d/f", "d/g")), Errno.EACCES, Errno.EPERM));
    }

    private static long fails(Scene t, long result, Errno... errnos) {
        t.errno(result, errnos);
        return 0;
    }

    private void row(String act, String file, String directory, Act body) {
        row(act, file, directory, EnumSet.noneOf(Capability.class), body);
    }

    private void row(String act, String file, String directory, Capability need, Act body) {
        row(act, file, directory, EnumSet.of(need), body);
    }

    private void row(String act, String file, String directory, Set<Capability> needs, Act body) {
        String said = act + " changes " + words(file) + " of the file, " + words(directory) + " of its directory";
        suite.rule(said, needs, t -> {
            t.ok(t.mkdir("d"));
            t.file("d/f", "content");
            long watch = t.ok(t.open("d/f", Libc.O_RDONLY));
            t.age("d/f", "d");
            Stat fileBefore = t.attributes(watch);
            Stat directoryBefore = t.attributes("d");
            t.ok(body.run(t));
            if (!file.equals("?")) {
                marks(t, "the file's", fileBefore, t.attributes(watch), file);
            }
            marks(t, "the directory's", directoryBefore, t.attributes("d"), directory);
        });
    }

    private static String words(String marks) {
        return switch (marks) {
            case "" -> "nothing";
            case "c" -> "ctime";
            case "mc" -> "mtime and ctime";
            default -> "what it likes";
        };
    }

    private static void marks(Scene t, String whose, Stat before, Stat after, String expected) {
        mark(t, whose + " mtime", before.mtime(), after.mtime(), expected.contains("m"));
        mark(t, whose + " ctime", before.ctime(), after.ctime(), expected.contains("c"));
    }

    private static void mark(Scene t, String what, long before, long after, boolean expected) {
        t.check(!expected || after > before, what + " did not move on: " + before + " → " + after);
        t.check(expected || after == before, what + " changed: " + before + " → " + after);
    }

    private static void reading(Suite s) {
        s.rule("reading a file that has changed since it was last read moves its atime", Capability.ATIME, t -> {
            t.file("f", "data");
            t.age("f");
            t.content("f", "data");
            t.check(t.attributes("f").atime() > Scene.PAST, "atime stands still");
        });
        s.rule("writing, chmod and link leave atime", Capability.HARD_LINKS, t -> {
            t.file("f", "data");
            t.age("f");
            t.ok(t.write(t.ok(t.open("f", Libc.O_WRONLY)), "x"));
            t.ok(t.chmod("f", 0600));
            t.ok(t.link("f", "g"));
            t.equal(Scene.PAST, t.attributes("f").atime(), "atime");
        });
    }

    private static void making(Suite s) {
        s.rule("a new file's times are now and alike", t -> {
            t.tick();
            t.file("a", "");
            Stat a = t.attributes("a");
            t.check(Math.abs(a.mtime() - a.ctime()) < Calls.SECOND, "mtime and ctime differ");
            t.check(Math.abs(a.mtime() - a.atime()) < Calls.SECOND, "mtime and atime differ");
            long now = System.currentTimeMillis() * 1_000_000L;
            t.check(Math.abs(now - a.mtime()) < 60 * Calls.SECOND, "mtime is far from now");
        });
        s.rule("times never go backwards from one change to the next", t -> {
            long fd = t.create("f");
            long last = 0;
            for (int i = 0; i < 200; i++) {
                t.ok(t.pwrite(fd, "x", i));
                long mtime = t.attributes(fd).mtime();
                t.check(mtime >= last, "mtime went from " + last + " to " + mtime);
                last = mtime;
            }
        });
        s.rule("birth time stays while the file changes", Capability.BIRTH_TIME, t -> {
            t.file("f", "");
            long birth = t.attributes("f").btime();
            t.tick();
            t.ok(t.chmod("f", 0600));
            t.ok(t.rename("f", "g"));
            t.equal(birth, t.attributes("g").btime(), "birth time");
        });
    }
}
