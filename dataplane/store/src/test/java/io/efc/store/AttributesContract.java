package io.efc.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Attributes and who may do what: modes, owners, times, extended attributes, permissions. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class AttributesContract extends UnderStoreContract {
    private static final int R = 4;
    private static final int W = 2;
    private static final int X = 1;

    @Test
    void setattrChangesWhatItNamesAndNothingElse() {
        StoreEntry f = file("f", 0640, ALICE);
        StoreAttr attr = store.setattr(ALICE, f.handle(), null, SetAttr.ofMode(04751));
        assertThat(attr.mode()).isEqualTo(S_IFREG | 04751);
        assertThat(attr.uid()).isEqualTo(ALICE.uid());
        attr = store.setattr(ROOT, f.handle(), null, new SetAttr(null, 7, null, null, null, null));
        assertThat(attr.uid()).isEqualTo(7);
        assertThat(attr.gid()).isEqualTo(ALICE.gid());
        attr = store.setattr(ROOT, f.handle(), null, new SetAttr(null, null, 8, null, null, null));
        assertThat(attr.uid()).isEqualTo(7);
        assertThat(attr.gid()).isEqualTo(8);
        assertThat(store.getattr(ROOT, f.handle())).isEqualTo(attr);
        assertThat(store.setattr(ROOT, f.handle(), null, SetAttr.NONE)).isEqualTo(attr);
    }

    @Test
    void timesAreKeptToTheNanosecond() {
        StoreEntry f = file("f");
        long atime = 1_234_567_890_123_456_789L;
        long mtime = 987_654_321_000_000_001L;
        StoreAttr attr = store.setattr(ROOT, f.handle(), null, new SetAttr(null, null, null, null, atime, mtime));
        assertThat(attr.atime()).isEqualTo(atime);
        assertThat(attr.mtime()).isEqualTo(mtime);
        attr = store.setattr(ROOT, f.handle(), null, new SetAttr(null, null, null, null, null, 5_000_000_000L));
        assertThat(attr.atime()).isEqualTo(atime);
        assertThat(attr.mtime()).isEqualTo(5_000_000_000L);
        long before = System.currentTimeMillis() * 1_000_000 - 2_000_000_000L;
        attr = store.setattr(ROOT, f.handle(), null, new SetAttr(null, null, null, null, SetAttr.NOW, SetAttr.NOW));
        assertThat(attr.atime()).isGreaterThan(before);
        assertThat(attr.mtime()).isBetween(before, before + 60_000_000_000L);
    }

    @Test
    void onlyTheOwnerChangesModeAndTimes() {
        StoreEntry f = file("f", 0666, ALICE);
        fails(Errno.EPERM, () -> store.setattr(BOB, f.handle(), null, SetAttr.ofMode(0777)));
        fails(Errno.EPERM, () -> store.setattr(BOB, f.handle(), null, new SetAttr(null, null, null, null, 1L, 1L)));
        store.setattr(BOB, f.handle(), null, new SetAttr(null, null, null, null, SetAttr.NOW, SetAttr.NOW));
        store.setattr(ALICE, f.handle(), null, SetAttr.ofMode(0600));
        fails(
                Set.of(Errno.EACCES),
                () -> store.setattr(
                        BOB, f.handle(), null, new SetAttr(null, null, null, null, SetAttr.NOW, SetAttr.NOW)));
        fails(
                Errno.EPERM,
                () -> store.setattr(ALICE, f.handle(), null, new SetAttr(null, BOB.uid(), null, null, null, null)));
        fails(
                Errno.EPERM,
                () -> store.setattr(ALICE, f.handle(), null, new SetAttr(null, null, BOB.gid(), null, null, null)));
        StoreEntry g = file("g", 0666, CAROL);
        assertThat(store.setattr(CAROL, g.handle(), null, new SetAttr(null, null, 41009, null, null, null))
                        .gid())
                .isEqualTo(41009);
    }

    @Test
    void modeBitsDecideWhoOpensAFile() {
        StoreEntry mine = file("mine", 0640, ALICE);
        close(store.open(ALICE, mine.handle(), Access.READ_WRITE, false));
        close(store.open(CAROL, mine.handle(), Access.READ, false));
        close(store.open(ROOT, mine.handle(), Access.READ_WRITE, false));
        fails(Errno.EACCES, () -> store.open(CAROL, mine.handle(), Access.WRITE, false));
        fails(Errno.EACCES, () -> store.open(BOB, mine.handle(), Access.READ, false));
        fails(Errno.EACCES, () -> store.open(BOB, mine.handle(), Access.WRITE, true));
        fails(Errno.EACCES, () -> store.create(BOB, dir, b("mine"), 0644, Access.READ, false, false));
        fails(Errno.EACCES, () -> store.setattr(BOB, mine.handle(), null, SetAttr.ofSize(0)));
    }

    private void close(Opened opened) {
        store.close(opened.file());
    }

    @Test
    void modeBitsDecideWhoUsesADirectory() {
        FileHandle d = store.mkdir(ALICE, dir, b("d"), 0750).entry().handle();
        Opened f = store.create(ALICE, d, b("f"), 0644, Access.WRITE, true, false);
        close(f);
        store.lookup(CAROL, d, b("f"));
        store.readdir(CAROL, d, 0, 0, 10, true);
        fails(Errno.EACCES, () -> store.create(CAROL, d, b("x"), 0644, Access.WRITE, true, false));
        fails(Errno.EACCES, () -> store.unlink(CAROL, d, b("f")));
        fails(Errno.EACCES, () -> store.mkdir(CAROL, d, b("x"), 0755));
        fails(Errno.EACCES, () -> store.rename(CAROL, d, b("f"), dir, b("f"), 0));
        fails(Errno.EACCES, () -> store.lookup(BOB, d, b("f")));
        fails(Errno.EACCES, () -> store.readdir(BOB, d, 0, 0, 10, false));
        store.setattr(ALICE, d, null, SetAttr.ofMode(0711));
        store.lookup(BOB, d, b("f"));
        fails(Errno.EACCES, () -> store.readdir(BOB, d, 0, 0, 10, false));
        store.getattr(BOB, f.entry().handle());
    }

    @Test
    void aStickyDirectoryProtectsOthersNames() {
        FileHandle d = store.mkdir(ROOT, dir, b("d"), 0777).entry().handle();
        store.setattr(ROOT, d, null, SetAttr.ofMode(01777));
        close(store.create(ALICE, d, b("f"), 0666, Access.WRITE, true, false));
        fails(Set.of(Errno.EPERM, Errno.EACCES), () -> store.unlink(BOB, d, b("f")));
        fails(Set.of(Errno.EPERM, Errno.EACCES), () -> store.rename(BOB, d, b("f"), d, b("g"), 0));
        store.unlink(ALICE, d, b("f"));
    }

    @Test
    void accessTellsWhatTheCallerMayDo() {
        StoreEntry f = file("f", 0640, ALICE);
        assertThat(store.access(ALICE, f.handle(), R | W | X)).isEqualTo(R | W);
        assertThat(store.access(CAROL, f.handle(), R | W | X)).isEqualTo(R);
        assertThat(store.access(BOB, f.handle(), R | W | X)).isZero();
        assertThat(store.access(ROOT, f.handle(), R | W)).isEqualTo(R | W);
        assertThat(store.access(ALICE, f.handle(), R)).isEqualTo(R);
        store.setattr(ALICE, f.handle(), null, SetAttr.ofMode(0751));
        assertThat(store.access(BOB, f.handle(), R | W | X)).isEqualTo(X);
        assertThat(store.access(BOB, dir, R | W | X)).isEqualTo(R | W | X);
        FileHandle d = store.mkdir(ALICE, dir, b("d"), 0750).entry().handle();
        assertThat(store.access(CAROL, d, R | W | X)).isEqualTo(R | X);
    }

    @Test
    void statfsCountsTheRoom() {
        StoreStatfs s = store.statfs(ROOT, dir);
        assertThat(s.bytes()).isPositive();
        assertThat(s.bytesFree()).isBetween(1L, s.bytes());
        assertThat(s.bytesAvailable()).isBetween(1L, s.bytesFree());
        assertThat(s.files()).isPositive();
        assertThat(s.nameMax()).isEqualTo(255);
    }

    @Test
    void extendedAttributesComeAndGo() {
        StoreEntry f = file("f", 0644, ALICE);
        if (!store.features().contains(StoreFeature.XATTRS)) {
            fails(Errno.EOPNOTSUPP, () -> store.getxattr(ROOT, f.handle(), b("user.a")));
            fails(Errno.EOPNOTSUPP, () -> store.setxattr(ROOT, f.handle(), b("user.a"), b("1"), 0));
            fails(Errno.EOPNOTSUPP, () -> store.listxattr(ROOT, f.handle()));
            fails(Errno.EOPNOTSUPP, () -> store.removexattr(ROOT, f.handle(), b("user.a")));
            return;
        }
        fails(Errno.ENODATA, () -> store.getxattr(ALICE, f.handle(), b("user.a")));
        store.setxattr(ALICE, f.handle(), b("user.a"), b("one"), 1);
        fails(Errno.EEXIST, () -> store.setxattr(ALICE, f.handle(), b("user.a"), b("x"), 1));
        fails(Errno.ENODATA, () -> store.setxattr(ALICE, f.handle(), b("user.b"), b("x"), 2));
        store.setxattr(ALICE, f.handle(), b("user.a"), b("two"), 2);
        store.setxattr(ALICE, f.handle(), b("user.empty"), b(""), 0);
        byte[] raw = {0, 1, (byte) 0xff, 0};
        store.setxattr(ALICE, f.handle(), b("user.raw"), raw, 0);
        assertThat(store.getxattr(ALICE, f.handle(), b("user.a"))).isEqualTo(b("two"));
        assertThat(store.getxattr(BOB, f.handle(), b("user.raw"))).isEqualTo(raw);
        assertThat(store.getxattr(ALICE, f.handle(), b("user.empty"))).isEmpty();
        List<String> names = List.of(new String(store.listxattr(ALICE, f.handle()), UTF_8).split("\0", -1));
        assertThat(names).contains("user.a", "user.empty", "user.raw");
        fails(Errno.EACCES, () -> store.setxattr(BOB, f.handle(), b("user.a"), b("x"), 0));
        store.removexattr(ALICE, f.handle(), b("user.a"));
        fails(Errno.ENODATA, () -> store.removexattr(ALICE, f.handle(), b("user.a")));
        fails(Errno.ENODATA, () -> store.getxattr(ALICE, f.handle(), b("user.a")));
    }

    @Test
    void posixAclsGrantAndAreListed() {
        StoreEntry f = file("f", 0600, ALICE);
        byte[] acl = {
            2,
            0,
            0,
            0, // POSIX_ACL_XATTR_VERSION, then tag, permission and id of each entry
            1,
            0,
            6,
            0,
            -1,
            -1,
            -1,
            -1, // user::rw-
            2,
            0,
            4,
            0,
            (byte) 0x2a,
            (byte) 0xa0,
            0,
            0, // user:41002:r--
            4,
            0,
            0,
            0,
            -1,
            -1,
            -1,
            -1, // group::---
            16,
            0,
            4,
            0,
            -1,
            -1,
            -1,
            -1, // mask::r--
            32,
            0,
            0,
            0,
            -1,
            -1,
            -1,
            -1, // other::---
        };
        if (!store.features().contains(StoreFeature.POSIX_ACLS)) {
            fails(Errno.EOPNOTSUPP, () -> store.setxattr(ALICE, f.handle(), b("system.posix_acl_access"), acl, 0));
            return;
        }
        fails(Errno.EACCES, () -> store.open(BOB, f.handle(), Access.READ, false));
        store.setxattr(ALICE, f.handle(), b("system.posix_acl_access"), acl, 0);
        assertThat(store.getxattr(ALICE, f.handle(), b("system.posix_acl_access")))
                .isEqualTo(acl);
        close(store.open(BOB, f.handle(), Access.READ, false));
        fails(Errno.EACCES, () -> store.open(BOB, f.handle(), Access.WRITE, false));
        fails(Errno.EACCES, () -> store.open(Credentials.of(41005, 41005), f.handle(), Access.READ, false));
    }
}
