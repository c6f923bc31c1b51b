package io.efc.testing.posix;

import io.efc.base.FileCalls;
import io.efc.base.Libc;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * One operation of {@link RandomOps}: the same on both sides. Which one it is depends on the seed and its number alone, so that
 * any subsequence can be run again.
 *
 * @param text the call, for people
 */
record RandomOp(String text, Function<Side, String> run) {
    private static final int NAMES = 7;
    private static final int POSITION_MAX = 1 << 20;
    private static final int[] MODES = {0600, 0644, 0755, 0400, 0000, 04755, 02755, 01777};
    private static final int[] OPEN_FLAGS = {
        Libc.O_RDONLY,
        Libc.O_RDWR,
        Libc.O_RDWR | Libc.O_CREAT,
        Libc.O_RDWR | Libc.O_CREAT,
        Libc.O_RDWR | Libc.O_CREAT | Libc.O_EXCL,
        Libc.O_RDWR | Libc.O_CREAT | Libc.O_TRUNC,
        Libc.O_RDWR | Libc.O_CREAT | Libc.O_APPEND,
        Libc.O_WRONLY | Libc.O_TRUNC
    };

    /** Operation number {@code index} of the sequence {@code seed}, one that needs nothing that is lacking. */
    static RandomOp of(long seed, long index, Set<Capability> lacking) {
        SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + index * 0xD1B54A32D192ED03L);
        for (int i = 0; i < 4; i++) {
            random.nextLong();
        }
        RandomOp op = pick(random, lacking);
        while (op == null) {
            op = pick(random, lacking);
        }
        return op;
    }

    private static @org.jspecify.annotations.Nullable RandomOp pick(SplittableRandom r, Set<Capability> lacking) {
        int kind = r.nextInt(100);
        if (kind < 46) {
            return ofData(kind, r, lacking);
        }
        return kind < 78 ? ofNames(kind, r, lacking) : ofAttributes(kind, r, lacking);
    }

    private static @org.jspecify.annotations.Nullable RandomOp ofData(
            int kind, SplittableRandom r, Set<Capability> lacking) {
        int slot = r.nextInt(Side.SLOTS);
        if (kind < 10) {
            String name = path(r);
            int flags = OPEN_FLAGS[r.nextInt(OPEN_FLAGS.length)];
            return new RandomOp(
                    String.format("slot %d = open(%s, 0%o)", slot, name, flags), s -> s.open(slot, name, flags, 0644));
        } else if (kind < 12) {
            return new RandomOp("close slot " + slot, s -> s.close(slot));
        } else if (kind < 19) {
            int length = length(r);
            long at = r.nextInt(POSITION_MAX);
            return new RandomOp(
                    "pread(slot " + slot + ", " + length + ", at " + at + ")", s -> s.pread(slot, length, at));
        } else if (kind < 22) {
            int length = length(r);
            return new RandomOp("read(slot " + slot + ", " + length + ")", s -> s.read(slot, length));
        } else if (kind < 31) {
            byte[] data = data(r);
            long at = r.nextInt(10) < 7 ? r.nextInt(POSITION_MAX / 8) : r.nextInt(POSITION_MAX);
            return new RandomOp(
                    "pwrite(slot " + slot + ", " + data.length + " bytes, at " + at + ")",
                    s -> s.pwrite(slot, data, at));
        } else if (kind < 35) {
            byte[] data = data(r);
            return new RandomOp("write(slot " + slot + ", " + data.length + " bytes)", s -> s.write(slot, data));
        } else if (kind < 37) {
            long size = size(r);
            return new RandomOp("ftruncate(slot " + slot + ", " + size + ")", s -> s.ftruncate(slot, size));
        } else if (kind < 38) {
            return new RandomOp(
                    "fsync(slot " + slot + ")", s -> Side.outcome(s.calls().fsync(s.fd(slot))));
        } else if (kind < 41) {
            return lacking.contains(Capability.SHARED_MMAP)
                    ? null
                    : new RandomOp("mmap and read slot " + slot, s -> s.mmap(slot));
        } else if (kind < 43) {
            return new RandomOp("fstat(slot " + slot + ")", s -> s.descriptorAttributes(slot));
        }
        return kind < 44 ? space(slot, r, lacking) : copy(slot, r, lacking);
    }

    private static @org.jspecify.annotations.Nullable RandomOp space(
            int slot, SplittableRandom r, Set<Capability> lacking) {
        boolean punch = r.nextBoolean();
        if (lacking.contains(punch ? Capability.PUNCH_HOLE : Capability.FALLOCATE)) {
            return null;
        }
        int mode = punch ? Libc.FALLOC_FL_PUNCH_HOLE | Libc.FALLOC_FL_KEEP_SIZE : 0;
        long at = r.nextInt(POSITION_MAX);
        long length = 1 + size(r);
        return new RandomOp(
                String.format("fallocate(slot %d, %d, %d, %d)", slot, mode, at, length),
                s -> Side.outcome(s.calls().fallocate(s.fd(slot), mode, at, length)));
    }

    private static @org.jspecify.annotations.Nullable RandomOp copy(
            int slot, SplittableRandom r, Set<Capability> lacking) {
        if (lacking.contains(Capability.COPY_FILE_RANGE)) {
            return null;
        }
        int to = r.nextInt(Side.SLOTS);
        long at = r.nextInt(POSITION_MAX / 4);
        long toAt = r.nextInt(POSITION_MAX / 4);
        int length = length(r);
        return new RandomOp(
                String.format("copy_file_range(slot %d at %d, slot %d at %d, %d)", slot, at, to, toAt, length),
                s -> Side.outcome(s.calls().copyFileRange(s.fd(slot), at, s.fd(to), toAt, length)));
    }

    private static @org.jspecify.annotations.Nullable RandomOp ofNames(
            int kind, SplittableRandom r, Set<Capability> lacking) {
        String a = path(r);
        String b = path(r);
        if (kind < 53) {
            return new RandomOp("mkdir(" + a + ")", s -> Side.outcome(s.calls().mkdir(a, 0755)));
        } else if (kind < 55) {
            return new RandomOp("rmdir(" + a + ")", s -> Side.outcome(s.calls().rmdir(a)));
        } else if (kind < 60) {
            return new RandomOp("unlink(" + a + ")", s -> Side.outcome(s.calls().unlink(a)));
        } else if (kind < 67) {
            return new RandomOp(
                    "rename(" + a + ", " + b + ")", s -> Side.outcome(s.calls().rename(a, b)));
        } else if (kind < 68) {
            boolean swap = r.nextBoolean();
            if (lacking.contains(swap ? Capability.RENAME_EXCHANGE : Capability.RENAME_NOREPLACE)) {
                return null;
            }
            int flags = swap ? FileCalls.RENAME_EXCHANGE : FileCalls.RENAME_NOREPLACE;
            return new RandomOp(
                    "rename(" + a + ", " + b + ", " + flags + ")",
                    s -> Side.outcome(s.calls().rename(a, b, flags)));
        } else if (kind < 71) {
            return lacking.contains(Capability.HARD_LINKS)
                    ? null
                    : new RandomOp(
                            "link(" + a + ", " + b + ")",
                            s -> Side.outcome(s.calls().link(a, b)));
        } else if (kind < 73) {
            String target = r.nextBoolean() ? b : "../" + b;
            return lacking.contains(Capability.SYMLINKS)
                    ? null
                    : new RandomOp(
                            "symlink(" + target + ", " + a + ")",
                            s -> Side.outcome(s.calls().symlink(target, a)));
        } else if (kind < 74) {
            return new RandomOp("readlink(" + a + ")", s -> s.readlink(a));
        }
        String directory = r.nextInt(4) == 0 ? "." : a;
        return new RandomOp("readdir(" + directory + ")", s -> s.readdir(directory));
    }

    private static @org.jspecify.annotations.Nullable RandomOp ofAttributes(
            int kind, SplittableRandom r, Set<Capability> lacking) {
        String a = path(r);
        if (kind < 85) {
            return new RandomOp("lstat(" + a + ")", s -> s.attributes(a));
        } else if (kind < 88) {
            int mode = MODES[r.nextInt(MODES.length)];
            return new RandomOp(
                    String.format("chmod(%s, 0%o)", a, mode),
                    s -> Side.outcome(s.calls().chmod(a, mode)));
        } else if (kind < 90) {
            int uid = r.nextInt(4) == 0 ? -1 : r.nextInt(100_000);
            int gid = r.nextInt(4) == 0 ? -1 : r.nextInt(100_000);
            return new RandomOp(
                    "lchown(" + a + ", " + uid + ", " + gid + ")",
                    s -> Side.outcome(s.calls().chown(a, uid, gid, FileCalls.AT_SYMLINK_NOFOLLOW)));
        } else if (kind < 93) {
            long atime = r.nextInt(1_000_000_000) * Calls.SECOND + r.nextInt(1_000_000_000);
            long mtime = r.nextInt(4) == 0 ? Scene.OMIT : r.nextInt(1_000_000_000) * Calls.SECOND + r.nextInt(1000);
            int flags = lacking.contains(Capability.SYMLINK_TIMES) ? 0 : FileCalls.AT_SYMLINK_NOFOLLOW;
            return new RandomOp(
                    "utimensat(" + a + ", " + atime + ", " + mtime + ")",
                    s -> s.utimens(a, atime, mtime, flags, lacking.contains(Capability.QUIET_CLOSE)));
        } else if (kind < 95) {
            long size = size(r);
            return new RandomOp("truncate(" + a + ", " + size + ")", s -> s.truncate(a, size));
        }
        return lacking.contains(Capability.USER_XATTRS) ? null : xattr(a, r);
    }

    private static RandomOp xattr(String a, SplittableRandom r) {
        String key = "user.k" + r.nextInt(4);
        return switch (r.nextInt(5)) {
            case 0, 1 -> {
                String value = "v".repeat(r.nextInt(100)) + r.nextInt(1000);
                int flags = r.nextInt(3);
                yield new RandomOp(
                        "setxattr(" + a + ", " + key + ", " + value.length() + " bytes, " + flags + ")",
                        s -> Side.outcome(s.calls().setxattr(a, key, value, flags)));
            }
            case 2 -> new RandomOp("getxattr(" + a + ", " + key + ")", s -> s.getxattr(a, key));
            case 3 -> new RandomOp("listxattr(" + a + ")", s -> s.listxattr(a));
            default ->
                new RandomOp(
                        "removexattr(" + a + ", " + key + ")",
                        s -> Side.outcome(s.calls().removexattr(a, key)));
        };
    }

    /** Few names, so that operations meet; up to three deep. */
    private static String path(SplittableRandom r) {
        StringBuilder path = new StringBuilder();
        for (int depth = r.nextInt(10); depth > 5; depth -= 2) {
            path.append("d").append(r.nextInt(3)).append('/');
        }
        int n = r.nextInt(NAMES + 3);
        return path.append(n < 3 ? "d" + n : "f" + (n - 3)).toString();
    }

    private static int length(SplittableRandom r) {
        int shape = r.nextInt(20);
        return 1 + r.nextInt(shape < 14 ? 4096 : shape < 19 ? 65536 : 300_000);
    }

    private static long size(SplittableRandom r) {
        return r.nextInt(5) == 0 ? 0 : r.nextInt(r.nextBoolean() ? 10_000 : 600_000);
    }

    private static byte[] data(SplittableRandom r) {
        byte[] data = new byte[length(r)];
        r.nextBytes(data);
        return data;
    }
}
