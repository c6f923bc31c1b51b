package io.efc.testing.posix;

import io.efc.base.Errno;
import io.efc.base.FileCalls;

/** chown(2). */
final class OwnerRules {
    private OwnerRules() {}

    static void addTo(Suite s) {
        s.group("chown");
        s.rule("root gives to anybody; -1 leaves as it is", t -> {
            t.file("f", "");
            t.ok(t.chown("f", 1234567, 7654321));
            owner(t, "f", 1234567, 7654321);
            t.ok(t.chown("f", -1, 5));
            owner(t, "f", 1234567, 5);
            t.ok(t.chown("f", 6, -1));
            owner(t, "f", 6, 5);
            t.ok(t.chown("f", -1, -1));
            owner(t, "f", 6, 5);
        });
        s.rule("large ids are kept", t -> {
            t.file("f", "");
            t.ok(t.chown("f", 0x7ffffff0, 0x7ffffff1));
            owner(t, "f", 0x7ffffff0, 0x7ffffff1);
        });
        s.rule("an owner may not give a file away: EPERM", t -> {
            t.fileOf(User.ALICE, "f", 0644);
            t.errno(t.as(User.ALICE, () -> t.chown("f", User.BOB.uid(), -1)), Errno.EPERM);
            t.errno(t.as(User.ALICE, () -> t.chown("f", 0, 0)), Errno.EPERM);
        });
        s.rule("an owner may give it to a group of his", t -> {
            t.fileOf(User.ALICE, "f", 0644);
            t.ok(t.as(User.ALICE, () -> t.chown("f", -1, User.SHARED_GROUP)));
            owner(t, "f", User.ALICE.uid(), User.SHARED_GROUP);
            t.ok(t.as(User.ALICE, () -> t.chown("f", User.ALICE.uid(), User.ALICE.gid())));
        });
        s.rule("an owner may not give it to a foreign group: EPERM", t -> {
            t.fileOf(User.ALICE, "f", 0644);
            t.errno(t.as(User.ALICE, () -> t.chown("f", -1, User.BOB.gid())), Errno.EPERM);
        });
        s.rule("another than the owner may change nothing: EPERM", t -> {
            t.fileOf(User.ALICE, "f", 0666);
            t.errno(t.as(User.BOB, () -> t.chown("f", User.BOB.uid(), -1)), Errno.EPERM);
            t.errno(t.as(User.BOB, () -> t.chown("f", -1, User.BOB.gid())), Errno.EPERM);
        });
        s.rule("a change of group by its owner clears set-user-id and set-group-id", t -> {
            t.fileOf(User.ALICE, "f", 0755);
            t.ok(t.chmod("f", 06755));
            t.ok(t.as(User.ALICE, () -> t.chown("f", -1, User.SHARED_GROUP)));
            t.octal(0755, t.attributes("f").permissions(), "mode");
        });
        s.rule("by root too, as Linux does it", t -> {
            t.fileOf(User.ALICE, "f", 06755);
            t.ok(t.chown("f", User.BOB.uid(), User.BOB.gid()));
            t.octal(0755, t.attributes("f").permissions(), "mode");
        });
        s.rule("set-group-id without group execution stays", t -> {
            t.fileOf(User.ALICE, "f", 02644);
            t.ok(t.chown("f", User.BOB.uid(), User.BOB.gid()));
            t.octal(02644, t.attributes("f").permissions(), "mode");
        });
        s.rule("of a directory leaves its set-id bits", t -> {
            t.directoryOf(User.ALICE, "d", 06755);
            t.ok(t.chown("d", User.BOB.uid(), User.BOB.gid()));
            t.octal(06755, t.attributes("d").permissions(), "mode");
        });
        s.rule("follows a symbolic link, unless told not to", Capability.SYMLINKS, t -> {
            t.file("f", "");
            t.ok(t.symlink("f", "l"));
            t.ok(t.chown("l", 11, 12));
            owner(t, "f", 11, 12);
            t.ok(t.chown("l", 21, 22, FileCalls.AT_SYMLINK_NOFOLLOW));
            owner(t, "f", 11, 12);
            Stat link = t.linkAttributes("l");
            t.equal(21, link.uid(), "uid of the link");
            t.equal(22, link.gid(), "gid of the link");
        });
        s.rule("decides from then on who is the owner", t -> {
            t.fileOf(User.ALICE, "f", 0600);
            t.ok(t.as(User.ALICE, () -> t.open("f", 0)));
            t.ok(t.chown("f", User.BOB.uid(), User.BOB.gid()));
            t.errno(t.as(User.ALICE, () -> t.open("f", 0)), Errno.EACCES);
            t.ok(t.as(User.BOB, () -> t.open("f", 0)));
        });
    }

    private static void owner(Scene t, String name, int uid, int gid) {
        Stat a = t.attributes(name);
        t.equal(uid, a.uid(), "uid");
        t.equal(gid, a.gid(), "gid");
    }
}
