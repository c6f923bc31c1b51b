package io.efc.testing.posix;

import io.efc.base.Errno;
import io.efc.base.FileCalls;
import java.util.Set;

/** Extended attributes: xattr(7). */
final class XattrRules {
    private static final int NAME_BYTES_MAX = 255;

    private XattrRules() {}

    static void addTo(Suite s) {
        s.group("xattr");
        values(s);
        errors(s);
        namespaces(s);
    }

    private static void values(Suite s) {
        s.rule("set, read, replaced, listed, removed", Capability.USER_XATTRS, t -> {
            t.file("f", "");
            t.ok(t.setxattr("f", "user.one", "1"));
            t.ok(t.setxattr("f", "user.two", "second"));
            t.same("1", t.xattr("f", "user.one"), "value");
            t.ok(t.setxattr("f", "user.one", "longer value"));
            t.same("longer value", t.xattr("f", "user.one"), "value");
            t.check(t.xattrs("f").equals(Set.of("user.one", "user.two")), "listed: " + t.xattrs("f"));
            t.ok(t.removexattr("f", "user.one"));
            t.check(t.xattrs("f").equals(Set.of("user.two")), "listed: " + t.xattrs("f"));
            t.errno(t.getxattr("f", "user.one", 10), Errno.ENODATA);
        });
        s.rule("values are bytes, also none and zeros", Capability.USER_XATTRS, t -> {
            t.file("f", "");
            t.ok(t.setxattr("f", "user.empty", ""));
            t.same("", t.xattr("f", "user.empty"), "value");
            String all = IoRules.pattern(256, 3) + "\0\0";
            t.ok(t.setxattr("f", "user.bytes", all));
            t.same(all, t.xattr("f", "user.bytes"), "value");
        });
        s.rule("a value of 3000 bytes is kept", Capability.USER_XATTRS, t -> {
            t.file("f", "");
            String value = IoRules.pattern(3000, 9);
            t.ok(t.setxattr("f", "user.big", value));
            t.same(value, t.xattr("f", "user.big"), "value");
        });
        s.rule("of a directory too", Capability.USER_XATTRS, t -> {
            t.ok(t.mkdir("d"));
            t.ok(t.setxattr("d", "user.a", "x"));
            t.same("x", t.xattr("d", "user.a"), "value");
            t.ok(t.removexattr("d", "user.a"));
        });
        s.rule("rename and link keep them, a new file has none", Capability.USER_XATTRS, t -> {
            t.file("f", "");
            t.ok(t.setxattr("f", "user.a", "x"));
            t.ok(t.rename("f", "g"));
            t.same("x", t.xattr("g", "user.a"), "value");
            t.file("f", "");
            t.check(t.xattrs("f").isEmpty(), "listed: " + t.xattrs("f"));
        });
        s.rule("50 attributes", Capability.USER_XATTRS, t -> {
            t.file("f", "");
            for (int i = 0; i < 50; i++) {
                t.ok(t.setxattr("f", "user.attribute-" + i, "v" + i));
            }
            t.equal(50, t.xattrs("f").size(), "listed");
            t.same("v37", t.xattr("f", "user.attribute-37"), "value");
        });
    }

    private static void errors(Suite s) {
        s.rule("XATTR_CREATE of what exists is EEXIST", Capability.USER_XATTRS, t -> {
            t.file("f", "");
            t.ok(t.setxattr("f", "user.a", "1", FileCalls.XATTR_CREATE));
            t.errno(t.setxattr("f", "user.a", "2", FileCalls.XATTR_CREATE), Errno.EEXIST);
            t.same("1", t.xattr("f", "user.a"), "value");
        });
        s.rule("XATTR_REPLACE of what is absent is ENODATA", Capability.USER_XATTRS, t -> {
            t.file("f", "");
            t.errno(t.setxattr("f", "user.a", "2", FileCalls.XATTR_REPLACE), Errno.ENODATA);
            t.ok(t.setxattr("f", "user.a", "1"));
            t.ok(t.setxattr("f", "user.a", "2", FileCalls.XATTR_REPLACE));
            t.same("2", t.xattr("f", "user.a"), "value");
        });
        s.rule("reading or removing what is absent is ENODATA", Capability.USER_XATTRS, t -> {
            t.file("f", "");
            t.errno(t.getxattr("f", "user.absent", 10), Errno.ENODATA);
            t.errno(t.removexattr("f", "user.absent"), Errno.ENODATA);
        });
        s.rule("a buffer too small is ERANGE, none at all asks for the size", Capability.USER_XATTRS, t -> {
            t.file("f", "");
            t.ok(t.setxattr("f", "user.abc", "0123456789"));
            t.errno(t.getxattr("f", "user.abc", 9), Errno.ERANGE);
            t.equal(10, t.getxattr("f", "user.abc", 10), "bytes");
            t.equal(10, t.getxattr("f", "user.abc", 0), "size");
            t.errno(t.listxattr("f", 1), Errno.ERANGE);
            t.check(t.listxattr("f", 0) >= "user.abc".length() + 1, "listxattr does not give the size");
        });
        s.rule("a name of 255 bytes works, one of 256 is ERANGE", Capability.USER_XATTRS, t -> {
            t.file("f", "");
            String name = "user." + "n".repeat(NAME_BYTES_MAX - 5);
            t.ok(t.setxattr("f", name, "1"));
            t.same("1", t.xattr("f", name), "value");
            t.errno(t.setxattr("f", name + "n", "1"), Errno.ERANGE);
        });
        s.rule("a value of more than 64 KiB is E2BIG", Capability.USER_XATTRS, t -> {
            t.file("f", "");
            t.errno(t.setxattr("f", "user.a", "v".repeat(65537)), Errno.E2BIG);
        });
        s.rule("a name without a namespace is EOPNOTSUPP", Capability.USER_XATTRS, t -> {
            t.file("f", "");
            t.errno(t.setxattr("f", "name", "1"), Errno.EOPNOTSUPP);
            t.errno(t.setxattr("f", "strange.name", "1"), Errno.EOPNOTSUPP);
        });
        s.rule("user attributes of symbolic links and FIFOs are EPERM", Capability.USER_XATTRS, Capability.FIFOS, t -> {
            t.ok(t.mknod("p", Stat.FIFO | 0666, 0));
            t.errno(t.setxattr("p", "user.a", "1"), Errno.EPERM);
            t.ok(t.symlink("absent", "l"));
            t.errno(t.setxattr("l", "user.a", "1"), Errno.EPERM);
        });
    }

    private static void namespaces(Suite s) {
        s.rule("user attributes need permission to read and write the file", Capability.USER_XATTRS, t -> {
            t.fileOf(User.ALICE, "f", 0640);
            t.ok(t.as(User.ALICE, () -> t.setxattr("f", "user.a", "1")));
            t.ok(t.as(User.CAROL, () -> t.getxattr("f", "user.a", 10)));
            t.errno(t.as(User.CAROL, () -> t.setxattr("f", "user.a", "2")), Errno.EACCES);
            t.errno(t.as(User.BOB, () -> t.getxattr("f", "user.a", 10)), Errno.EACCES);
        });
        s.rule("in a sticky directory's own attributes only its owner writes", Capability.USER_XATTRS, t -> {
            t.directoryOf(User.ALICE, "d", 01777);
            t.errno(t.as(User.BOB, () -> t.setxattr("d", "user.a", "1")), Errno.EPERM);
            t.ok(t.as(User.ALICE, () -> t.setxattr("d", "user.a", "1")));
        });
        s.rule("trusted attributes are root's", Capability.TRUSTED_XATTRS, t -> {
            t.fileOf(User.ALICE, "f", 0666);
            t.ok(t.setxattr("f", "trusted.a", "1"));
            t.same("1", t.xattr("f", "trusted.a"), "value");
            t.errno(t.as(User.ALICE, () -> t.setxattr("f", "trusted.b", "1")), Errno.EPERM);
            t.errno(t.as(User.ALICE, () -> t.getxattr("f", "trusted.a", 10)), Errno.ENODATA, Errno.EPERM);
        });
    }
}
