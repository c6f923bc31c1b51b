package io.efc.testing.posix;

import io.efc.base.Errno;

/** mknod(2) and mkfifo(3). */
final class NodeRules {
    private NodeRules() {}

    static void addTo(Suite s) {
        s.group("mknod");
        s.rule("makes a FIFO of the caller", Capability.FIFOS, t -> {
            t.ok(t.as(User.ALICE, () -> t.mknod("p", Stat.FIFO | 0640, 0)));
            Stat a = t.attributes("p");
            t.octal(Stat.FIFO | 0640, a.mode(), "mode");
            t.equal(User.ALICE.uid(), a.uid(), "uid");
            t.equal(1, a.nlink(), "nlink");
            t.equal(0, a.size(), "size");
        });
        s.rule("makes a socket", Capability.FIFOS, t -> {
            t.ok(t.mknod("s", Stat.SOCKET | 0600, 0));
            t.octal(Stat.SOCKET | 0600, t.attributes("s").mode(), "mode");
        });
        s.rule("makes a regular file, also without a type", t -> {
            t.ok(t.mknod("f", Stat.REGULAR | 0644, 0));
            t.ok(t.mknod("g", 0600, 0));
            t.octal(Stat.REGULAR | 0644, t.attributes("f").mode(), "mode");
            t.octal(Stat.REGULAR | 0600, t.attributes("g").mode(), "mode");
        });
        s.rule("makes devices with their numbers", Capability.DEVICES, t -> {
            t.ok(t.mknod("c", Stat.CHARACTER | 0600, OpenRules.makedev(1, 3)));
            t.ok(t.mknod("b", Stat.BLOCK | 0600, OpenRules.makedev(7, 200)));
            Stat c = t.attributes("c");
            Stat b = t.attributes("b");
            t.octal(Stat.CHARACTER, c.type(), "type");
            t.octal(Stat.BLOCK, b.type(), "type");
            t.equal(1, c.rdevMajor(), "major");
            t.equal(3, c.rdevMinor(), "minor");
            t.equal(7, b.rdevMajor(), "major");
            t.equal(200, b.rdevMinor(), "minor");
        });
        s.rule("a device by one who is not root is EPERM", t -> {
            t.errno(t.as(User.ALICE, () -> t.mknod("c", Stat.CHARACTER | 0600, OpenRules.makedev(1, 3))), Errno.EPERM);
        });
        s.rule("over a name that exists is EEXIST", t -> {
            t.file("f", "");
            t.errno(t.mknod("f", Stat.REGULAR | 0644, 0), Errno.EEXIST);
            t.errno(t.mknod("f", Stat.FIFO | 0644, 0), Errno.EEXIST);
        });
        s.rule("an impossible type is EINVAL, a directory EPERM", t -> {
            t.errno(t.mknod("x", 0150000 | 0644, 0), Errno.EINVAL);
            t.errno(t.mknod("x", Stat.DIRECTORY | 0755, 0), Errno.EPERM);
        });
        s.rule("a directory that one may not write is EACCES", t -> {
            t.directoryOf(User.ALICE, "d", 0755);
            t.errno(t.as(User.BOB, () -> t.mknod("d/p", Stat.FIFO | 0644, 0)), Errno.EACCES);
        });
    }
}
