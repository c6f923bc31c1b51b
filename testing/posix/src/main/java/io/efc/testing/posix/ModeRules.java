package io.efc.testing.posix;

import io.efc.base.Errno;
import io.efc.base.Libc;

/** chmod(2), and who clears the set-id bits. */
final class ModeRules {
    private ModeRules() {}

    static void addTo(Suite s) {
        s.group("chmod");
        s.rule("every mode of a file can be set and read back", t -> {
            t.file("f", "");
            for (int mode = 0; mode <= 07777; mode += 0123) {
                t.ok(t.chmod("f", mode));
                t.octal(Stat.REGULAR | mode, t.attributes("f").mode(), "mode");
            }
            t.ok(t.chmod("f", 07777));
            t.octal(07777, t.attributes("f").permissions(), "mode");
        });
        s.rule("modes of a directory, with sticky and set-id bits", t -> {
            t.ok(t.mkdir("d"));
            for (int mode : new int[] {0, 0755, 01777, 02755, 03777, 06755}) {
                t.ok(t.chmod("d", mode));
                t.octal(Stat.DIRECTORY | mode, t.attributes("d").mode(), "mode");
            }
        });
        s.rule("fchmod changes the open file", t -> {
            long fd = t.create("f");
            t.ok(t.fchmod(fd, 0741));
            t.octal(0741, t.attributes("f").permissions(), "mode");
        });
        s.rule("by one who does not own the file is EPERM", t -> {
            t.fileOf(User.ALICE, "f", 0666);
            t.errno(t.as(User.BOB, () -> t.chmod("f", 0600)), Errno.EPERM);
            t.errno(t.as(User.CAROL, () -> t.chmod("f", 0600)), Errno.EPERM);
            t.octal(0666, t.attributes("f").permissions(), "mode");
            t.ok(t.as(User.ALICE, () -> t.chmod("f", 0600)));
        });
        s.rule("set-group-id by an owner outside the file's group is dropped", t -> {
            t.fileOf(User.ALICE, "f", 0755);
            t.ok(t.chown("f", User.ALICE.uid(), User.BOB.gid()));
            t.ok(t.as(User.ALICE, () -> t.chmod("f", 02755)));
            t.octal(0755, t.attributes("f").permissions(), "mode");
        });
        s.rule("set-group-id by an owner in the file's group stays", t -> {
            t.fileOf(User.ALICE, "f", 0755);
            t.ok(t.chown("f", User.ALICE.uid(), User.SHARED_GROUP));
            t.ok(t.as(User.ALICE, () -> t.chmod("f", 02755)));
            t.octal(02755, t.attributes("f").permissions(), "mode");
        });
        s.rule("a write by another than root clears set-user-id and set-group-id", t -> {
            t.fileOf(User.ALICE, "f", 0777);
            t.ok(t.chmod("f", 06777));
            t.ok(t.as(User.BOB, () -> t.write(t.open("f", Libc.O_WRONLY), "x")));
            t.octal(0777, t.attributes("f").permissions(), "mode");
        });
        s.rule("a write by root leaves them", t -> {
            t.fileOf(User.ALICE, "f", 06777);
            t.ok(t.write(t.ok(t.open("f", Libc.O_WRONLY)), "x"));
            t.octal(06777, t.attributes("f").permissions(), "mode");
        });
        s.rule("set-group-id without group execution is no set-id bit: a write leaves it", t -> {
            t.fileOf(User.ALICE, "f", 0666);
            t.ok(t.chown("f", User.ALICE.uid(), User.ALICE.gid()));
            t.ok(t.chmod("f", 02666));
            t.ok(t.as(User.ALICE, () -> t.write(t.open("f", Libc.O_WRONLY), "x")));
            t.octal(02666, t.attributes("f").permissions(), "mode");
        });
        s.rule("truncation by another than root clears them", t -> {
            t.fileOf(User.ALICE, "f", 06777);
            t.ok(t.as(User.BOB, () -> t.truncate("f", 1)));
            t.octal(0777, t.attributes("f").permissions(), "mode");
        });
        s.rule("O_TRUNC by another than root clears them", t -> {
            t.fileOf(User.ALICE, "f", 06777);
            t.ok(t.as(User.BOB, () -> t.open("f", Libc.O_WRONLY | Libc.O_TRUNC)));
            t.octal(0777, t.attributes("f").permissions(), "mode");
        });
        s.rule("takes effect for the next open", t -> {
            t.fileOf(User.ALICE, "f", 0644);
            t.ok(t.as(User.BOB, () -> t.open("f", Libc.O_RDONLY)));
            t.ok(t.as(User.ALICE, () -> t.chmod("f", 0600)));
            t.errno(t.as(User.BOB, () -> t.open("f", Libc.O_RDONLY)), Errno.EACCES);
            t.ok(t.as(User.ALICE, () -> t.chmod("f", 0604)));
            t.ok(t.as(User.BOB, () -> t.open("f", Libc.O_RDONLY)));
        });
        s.rule("of a directory takes effect for the next lookup", t -> {
            t.directoryOf(User.ALICE, "d", 0755);
            t.fileOf(User.ALICE, "d/f", 0644);
            t.ok(t.as(User.BOB, () -> t.stat("d/f")));
            t.ok(t.as(User.ALICE, () -> t.chmod("d", 0700)));
            t.errno(t.as(User.BOB, () -> t.stat("d/f")), Errno.EACCES);
        });
    }
}
