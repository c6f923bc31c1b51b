package io.efc.testing.posix;

import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.base.Libc;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** Tries each capability that one call shows. */
final class Probes {
    private final List<Rule> probes = new ArrayList<>();

    private Probes() {}

    /** One rule a capability, which throws {@link Lacking} where it is absent. */
    static List<Rule> all() {
        Probes p = new Probes();
        p.probe(Capability.HARD_LINKS, t -> link(t));
        p.probe(Capability.SYMLINKS, t -> t.symlink("x", "s"));
        p.probe(Capability.FIFOS, t -> t.mknod("f", Stat.FIFO | 0644, 0));
        p.probe(Capability.DEVICES, t -> t.mknod("d", Stat.CHARACTER | 0644, 0x103));
        p.probe(Capability.USER_XATTRS, t -> xattr(t, "user.probe"));
        p.probe(Capability.TRUSTED_XATTRS, t -> xattr(t, "trusted.probe"));
        p.probe(Capability.TMPFILE, t -> t.open(".", Libc.O_TMPFILE | Libc.O_RDWR));
        p.probe(Capability.FALLOCATE, t -> t.fallocate(t.create("a"), 0, 0, 4096));
        p.probe(Capability.KEEP_SIZE, t -> t.fallocate(t.create("a"), Libc.FALLOC_FL_KEEP_SIZE, 0, 4096));
        p.probe(Capability.PUNCH_HOLE, t -> punch(t, Libc.FALLOC_FL_PUNCH_HOLE));
        p.probe(Capability.ZERO_RANGE, t -> punch(t, Libc.FALLOC_FL_ZERO_RANGE));
        p.probe(Capability.SEEK_HOLE, t -> hole(t));
        p.probe(Capability.COPY_FILE_RANGE, t -> copy(t));
        p.probe(Capability.RENAME_NOREPLACE, t -> rename(t, FileCalls.RENAME_NOREPLACE));
        p.probe(Capability.RENAME_EXCHANGE, t -> exchange(t));
        p.probe(Capability.RENAME_WHITEOUT, t -> rename(t, FileCalls.RENAME_WHITEOUT));
        p.probe(Capability.BYTE_NAMES, t -> t.open("\u00ff\u00fe", Libc.O_CREAT | Libc.O_WRONLY));
        p.probe(Capability.RECORD_LOCKS, t -> t.lock(t.create("a"), Calls.F_SETLK, Calls.F_WRLCK, 0, 0));
        p.probe(Capability.FLOCK, t -> t.flock(t.create("a"), Calls.LOCK_EX | Calls.LOCK_NB));
        p.probe(Capability.DIRECT_IO, t -> t.open("a", Libc.O_CREAT | Libc.O_RDWR | Libc.O_DIRECT));
        p.probe(Capability.SHARED_MMAP, t -> mmap(t));
        p.probe(Capability.ZERO_NLINK, t -> nlink(t));
        p.probe(Capability.SYMLINK_TIMES, t -> symlinkTimes(t));
        p.probe(Capability.ATIME, t -> atime(t));
        p.probe(Capability.BIRTH_TIME, t -> birth(t));
        return p.probes;
    }

    private void probe(Capability capability, Attempt attempt) {
        probes.add(new Rule(capability.name(), EnumSet.of(capability), t -> {
            long result = attempt.run(t);
            switch (Errno.ofResult(result)) {
                case OK -> {}
                case EOPNOTSUPP, ENOSYS, EINVAL, EPERM, EILSEQ, ENODEV, ENOLCK -> throw t.lacks(capability);
                default -> t.ok(result);
            }
        }));
    }

    private static long link(Scene t) {
        t.file("a", "");
        return t.link("a", "b");
    }

    private static long xattr(Scene t, String key) {
        t.file("a", "");
        return t.setxattr("a", key, "1");
    }

    private static long punch(Scene t, int mode) {
        long fd = t.create("a");
        t.ok(t.pwrite(fd, "x".repeat(8192), 0));
        return t.fallocate(fd, mode | Libc.FALLOC_FL_KEEP_SIZE, 0, 4096);
    }

    private static long hole(Scene t) {
        long fd = t.create("a");
        t.ok(t.pwrite(fd, "x", 1 << 20));
        long result = t.lseek(fd, 0, Libc.SEEK_HOLE);
        return result > 0 ? -Errno.EOPNOTSUPP.code() : result;
    }

    private static long copy(Scene t) {
        t.file("a", "data");
        return t.copyFileRange(t.ok(t.open("a", Libc.O_RDONLY)), 0, t.create("b"), 0, 4);
    }

    private static long rename(Scene t, int flags) {
        t.file("a", "");
        return t.rename("a", "b", flags);
    }

    private static long exchange(Scene t) {
        t.file("a", "");
        t.file("b", "");
        return t.rename("a", "b", FileCalls.RENAME_EXCHANGE);
    }

    private static long mmap(Scene t) {
        long fd = t.create("a");
        t.ok(t.write(fd, "x".repeat(4096)));
        return Mapping.errno(fd, 4096, Libc.PROT_READ | Libc.PROT_WRITE, Libc.MAP_SHARED);
    }

    private static long nlink(Scene t) {
        long fd = t.create("a");
        t.ok(t.unlink("a"));
        return t.attributes(fd).nlink() == 0 ? 0 : -Errno.EOPNOTSUPP.code();
    }

    private static long symlinkTimes(Scene t) {
        long result = t.symlink("x", "s");
        if (result < 0) {
            return result;
        }
        t.ok(t.utimens("s", Scene.PAST, Scene.PAST, FileCalls.AT_SYMLINK_NOFOLLOW));
        return t.linkAttributes("s").mtime() == Scene.PAST ? 0 : -Errno.EOPNOTSUPP.code();
    }

    private static long atime(Scene t) {
        t.file("a", "data");
        t.age("a");
        t.text("a");
        return t.attributes("a").atime() > Scene.PAST ? 0 : -Errno.EOPNOTSUPP.code();
    }

    private static long birth(Scene t) {
        t.file("a", "");
        return t.attributes("a").btime() != 0 ? 0 : -Errno.EOPNOTSUPP.code();
    }

    @FunctionalInterface
    private interface Attempt {
        long run(Scene t);
    }
}
