package io.efc.testing.posix;

import static io.efc.base.Libc.O_CREAT;
import static io.efc.base.Libc.O_DIRECTORY;
import static io.efc.base.Libc.O_RDONLY;
import static io.efc.base.Libc.O_WRONLY;

import io.efc.base.Errno;
import io.efc.base.Libc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** mkdir(2), rmdir(2) and reading directories. */
final class DirectoryRules {
    private static final int MANY = 10_000;

    private DirectoryRules() {}

    static void addTo(Suite s) {
        s.group("directory");
        making(s);
        removing(s);
        listing(s);
        changing(s);
    }

    private static void making(Suite s) {
        s.rule("mkdir makes an empty directory of the caller", t -> {
            t.ok(t.as(User.ALICE, () -> t.mkdir("d", 0750)));
            Stat a = t.attributes("d");
            t.octal(Stat.DIRECTORY | 0750, a.mode(), "mode");
            t.equal(User.ALICE.uid(), a.uid(), "uid");
            t.equal(User.ALICE.gid(), a.gid(), "gid");
            t.equal(2, a.nlink(), "nlink");
            t.check(t.names("d").isEmpty(), "it is not empty");
        });
        s.rule("mkdir of any name that exists is EEXIST", t -> {
            t.file("f", "");
            t.ok(t.mkdir("d"));
            t.errno(t.mkdir("f"), Errno.EEXIST);
            t.errno(t.mkdir("d"), Errno.EEXIST);
            t.errno(t.mkdir("."), Errno.EEXIST);
            t.errno(t.mkdir("d/.."), Errno.EEXIST);
        });
        s.rule("mkdir over a dangling symbolic link is EEXIST", Capability.SYMLINKS, t -> {
            t.ok(t.symlink("absent", "l"));
            t.errno(t.mkdir("l"), Errno.EEXIST);
        });
        s.rule("mkdir needs permission to write the parent", t -> {
            t.directoryOf(User.ALICE, "d", 0755);
            t.errno(t.as(User.BOB, () -> t.mkdir("d/e")), Errno.EACCES);
            t.ok(t.as(User.ALICE, () -> t.mkdir("d/e")));
        });
        s.rule("a directory in a set-group-id directory takes its group and its bit", t -> {
            t.directoryOf(User.ALICE, "d", 02777);
            t.ok(t.as(User.BOB, () -> t.mkdir("d/e", 0755)));
            Stat a = t.attributes("d/e");
            t.equal(User.ALICE.gid(), a.gid(), "gid");
            t.octal(02755, a.permissions(), "mode");
        });
        s.rule("each subdirectory adds a link to its parent", t -> {
            t.ok(t.mkdir("d"));
            int before = t.attributes("d").nlink();
            t.ok(t.mkdir("d/a"));
            t.ok(t.mkdir("d/b"));
            t.file("d/f", "");
            t.equal(before + 2, t.attributes("d").nlink(), "nlink");
            t.ok(t.rmdir("d/a"));
            t.equal(before + 1, t.attributes("d").nlink(), "nlink");
        });
    }

    private static void removing(Suite s) {
        s.rule("rmdir of a directory with entries is ENOTEMPTY", t -> {
            t.ok(t.mkdir("d"));
            t.file("d/f", "");
            t.errno(t.rmdir("d"), Errno.ENOTEMPTY, Errno.EEXIST);
            t.ok(t.unlink("d/f"));
            t.ok(t.rmdir("d"));
            t.errno(t.stat("d"), Errno.ENOENT);
        });
        s.rule("rmdir of a file is ENOTDIR", t -> {
            t.file("f", "");
            t.errno(t.rmdir("f"), Errno.ENOTDIR);
        });
        s.rule("rmdir of a symbolic link to a directory is ENOTDIR", Capability.SYMLINKS, t -> {
            t.ok(t.mkdir("d"));
            t.ok(t.symlink("d", "l"));
            t.errno(t.rmdir("l"), Errno.ENOTDIR);
        });
        s.rule("rmdir of . is EINVAL, of .. ENOTEMPTY", t -> {
            t.ok(t.mkdir("d"));
            t.errno(t.rmdir("d/."), Errno.EINVAL);
            t.ok(t.mkdir("d/e"));
            t.errno(t.rmdir("d/e/.."), Errno.ENOTEMPTY, Errno.EEXIST);
        });
        s.rule("rmdir needs permission to write the parent", t -> {
            t.directoryOf(User.ALICE, "d", 0755);
            t.directoryOf(User.BOB, "d/e", 0777);
            t.errno(t.as(User.BOB, () -> t.rmdir("d/e")), Errno.EACCES);
            t.ok(t.as(User.ALICE, () -> t.rmdir("d/e")));
        });
        s.rule("in a sticky directory only the owner of either may rmdir", t -> {
            t.directoryOf(User.ALICE, "d", 01777);
            t.directoryOf(User.BOB, "d/e", 0777);
            t.errno(t.as(User.CAROL, () -> t.rmdir("d/e")), Errno.EPERM, Errno.EACCES);
            t.ok(t.as(User.BOB, () -> t.rmdir("d/e")));
            t.directoryOf(User.BOB, "d/e", 0777);
            t.ok(t.as(User.ALICE, () -> t.rmdir("d/e")));
        });
    }

    private static void listing(Suite s) {
        s.rule("an empty directory lists . and .. only", t -> {
            t.ok(t.mkdir("d"));
            List<String> names =
                    t.entries("d").stream().map(Dirent::name).sorted().toList();
            t.check(names.equals(List.of(".", "..")), "it lists " + names);
        });
        s.rule("entries carry the inode numbers and types that stat gives", t -> {
            t.file("f", "");
            t.ok(t.mkdir("d"));
            for (Dirent e : t.entries(".")) {
                if (!e.name().startsWith(".")) {
                    t.equal(t.linkAttributes(e.name()).ino(), e.ino(), "inode of " + e.name());
                    boolean fits =
                            e.type() == Dirent.UNKNOWN || e.type() == (e.name().equals("d") ? 4 : 8);
                    t.check(fits, "type of " + e.name() + " is " + e.type());
                }
            }
        });
        s.rule(". has the directory's own inode number", t -> {
            t.ok(t.mkdir("d"));
            for (Dirent e : t.entries("d")) {
                if (e.name().equals(".")) {
                    t.equal(t.attributes("d").ino(), e.ino(), "inode");
                }
            }
        });
        s.rule(MANY + " entries are all listed, each once", t -> {
            t.ok(t.mkdir("d"));
            for (int i = 0; i < MANY; i++) {
                t.ok(t.close(t.ok(t.open("d/entry-" + i, O_CREAT | O_WRONLY))));
            }
            Set<String> names = t.names("d");
            t.equal(MANY, names.size(), "entries");
            for (int i = 0; i < MANY; i++) {
                t.check(names.contains("entry-" + i), "entry-" + i + " is not listed");
            }
        });
        s.rule("a cookie leads back to the entry behind it", t -> {
            t.ok(t.mkdir("d"));
            for (int i = 0; i < 2000; i++) {
                t.file("d/e" + i, "");
            }
            long fd = t.ok(t.open("d", O_RDONLY | O_DIRECTORY));
            List<Dirent> all = new ArrayList<>();
            for (List<Dirent> part = t.getdents(fd); !part.isEmpty(); part = t.getdents(fd)) {
                all.addAll(part);
            }
            for (int at : new int[] {0, 1, 2, 500, 1000, 1999, 2000}) {
                t.ok(t.lseek(fd, all.get(at).next(), Libc.SEEK_SET));
                t.same(all.get(at + 1).name(), t.getdents(fd).getFirst().name(), "entry behind number " + at);
            }
            t.ok(t.lseek(fd, all.getLast().next(), Libc.SEEK_SET));
            t.check(t.getdents(fd).isEmpty(), "there are entries behind the last");
        });
        s.rule("rewinding shows what was made meanwhile", t -> {
            t.ok(t.mkdir("d"));
            t.file("d/a", "");
            long fd = t.ok(t.open("d", O_RDONLY | O_DIRECTORY));
            while (!t.getdents(fd).isEmpty()) {
                t.check(true, "");
            }
            t.file("d/b", "");
            t.ok(t.lseek(fd, 0, Libc.SEEK_SET));
            Set<String> names = new HashSet<>();
            for (List<Dirent> part = t.getdents(fd); !part.isEmpty(); part = t.getdents(fd)) {
                part.forEach(e -> names.add(e.name()));
            }
            t.check(names.containsAll(List.of("a", "b")), "it lists " + names);
        });
        s.rule("long names are listed completely", t -> {
            t.ok(t.mkdir("d"));
            Set<String> made = new HashSet<>();
            for (int i = 0; i < 500; i++) {
                String name = String.format("%03d", i) + "x".repeat(252);
                t.file("d/" + name, "");
                made.add(name);
            }
            t.check(t.names("d").equals(made), "not all names are listed");
        });
        s.rule("getdents of a file is ENOTDIR", t -> {
            t.file("f", "");
            long fd = t.ok(t.open("f", O_RDONLY));
            t.errno(t.getdentsResult(fd, 4096), Errno.ENOTDIR);
        });
        s.rule("a buffer too small for one entry is EINVAL", t -> {
            t.file("n".repeat(200), "");
            long fd = t.ok(t.open(".", O_RDONLY | O_DIRECTORY));
            t.errno(t.getdentsResult(fd, 8), Errno.EINVAL);
        });
    }

    private static void changing(Suite s) {
        s.rule("entries that stay are listed once while others come and go", t -> {
            t.ok(t.mkdir("d"));
            for (int i = 0; i < 3000; i++) {
                t.file("d/stays-" + i, "");
            }
            long fd = t.ok(t.open("d", O_RDONLY | O_DIRECTORY));
            Map<String, Integer> seen = new HashMap<>();
            int round = 0;
            for (List<Dirent> part = t.getdents(fd); !part.isEmpty(); part = t.getdents(fd)) {
                part.forEach(e -> seen.merge(e.name(), 1, Integer::sum));
                t.file("d/comes-" + round, "");
                if (round > 0) {
                    t.ok(t.unlink("d/comes-" + (round - 1)));
                }
                round++;
            }
            for (int i = 0; i < 3000; i++) {
                t.equal(1, seen.getOrDefault("stays-" + i, 0), "times that stays-" + i + " was listed");
            }
        });
        s.rule("removing every entry while listing misses none", t -> {
            t.ok(t.mkdir("d"));
            for (int i = 0; i < 3000; i++) {
                t.file("d/e" + i, "");
            }
            long fd = t.ok(t.open("d", O_RDONLY | O_DIRECTORY));
            for (List<Dirent> part = t.getdents(fd); !part.isEmpty(); part = t.getdents(fd)) {
                for (Dirent e : part) {
                    if (!e.name().startsWith(".")) {
                        t.ok(t.unlink("d/" + e.name()));
                    }
                }
            }
            t.check(t.names("d").isEmpty(), "left over: " + t.names("d").size());
            t.ok(t.rmdir("d"));
        });
        s.rule("a removed name is gone from the list, a renamed one changes", t -> {
            t.file("a", "");
            t.file("b", "");
            t.check(t.names(".").equals(Set.of("a", "b")), "before");
            t.ok(t.unlink("a"));
            t.ok(t.rename("b", "c"));
            t.check(t.names(".").equals(Set.of("c")), "it lists " + t.names("."));
        });
    }
}
