package io.efc.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.store.internal.local.LocalStore;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on the machine's file systems, and what only a local tree has. Runs as root. */
class LocalStoreIT {
    private static final String DISK = "/tmp";
    private static final String MEMORY = "/dev/shm";

    @Nested
    class NamesOnDisk extends NamespaceContract {
        private LocalStores tree = newTree(DISK);

        @Override
        UnderStore openStore() {
            return tree.open();
        }

        @Override
        void closeStore() {
            tree.delete();
        }
    }

    @Nested
    class DataOnDisk extends DataContract {
        private LocalStores tree = newTree(DISK);

        @Override
        UnderStore openStore() {
            return tree.open();
        }

        @Override
        void closeStore() {
            tree.delete();
        }
    }

    @Nested
    class AttributesOnDisk extends AttributesContract {
        private LocalStores tree = newTree(DISK);

        @Override
        UnderStore openStore() {
            return tree.open();
        }

        @Override
        void closeStore() {
            tree.delete();
        }
    }

    @Nested
    class NamesInMemory extends NamespaceContract {
        private LocalStores tree = newTree(MEMORY);

        @Override
        UnderStore openStore() {
            return tree.open();
        }

        @Override
        void closeStore() {
            tree.delete();
        }
    }

    @Nested
    class DataInMemory extends DataContract {
        private LocalStores tree = newTree(MEMORY);

        @Override
        UnderStore openStore() {
            return tree.open();
        }

        @Override
        void closeStore() {
            tree.delete();
        }
    }

    @Nested
    class AttributesInMemory extends AttributesContract {
        private LocalStores tree = newTree(MEMORY);

        @Override
        UnderStore openStore() {
            return tree.open();
        }

        @Override
        void closeStore() {
            tree.delete();
        }
    }

    private static LocalStores newTree(String parent) {
        try {
            return new LocalStores(parent);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void handlesAreTheSameInEveryStoreOfTheTreeAndNoneOutside(@TempDir Path directory) throws Exception {
        Path in = Files.createDirectory(directory.resolve("in"));
        Path out = Files.createDirectory(directory.resolve("out"));
        Files.writeString(in.resolve("f"), "inside");
        Files.writeString(out.resolve("f"), "outside");
        Files.createDirectory(in.resolve("d"));
        FileHandle inside;
        FileHandle outside;
        try (LocalStore a = new LocalStore(in);
                LocalStore b = new LocalStore(in);
                LocalStore other = new LocalStore(out)) {
            inside = lookup(a, "f");
            outside = lookup(other, "f");
            assertThat(lookup(b, "f")).isEqualTo(inside);
            assertThat(b.getattr(Credentials.ROOT, inside).size()).isEqualTo(6);
            stale(a, outside);
            stale(other, inside);
            FileHandle d = lookup(a, "d");
            Files.move(in.resolve("d"), out.resolve("d"));
            stale(a, d);
            Files.move(in.resolve("f"), out.resolve("f2"));
            stale(a, inside);
            Files.move(out.resolve("f2"), in.resolve("f"));
            byte[] forged = inside.bytes().clone();
            forged[0] ^= 1;
            stale(a, new FileHandle(forged));
            stale(a, new FileHandle(new byte[] {1}));
        }
        try (LocalStore again = new LocalStore(in)) {
            assertThat(again.getattr(Credentials.ROOT, inside).size()).isEqualTo(6);
        }
    }

    private static FileHandle lookup(LocalStore store, String name) {
        return store.lookup(
                        Credentials.ROOT, store.root().handle(), name.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .handle();
    }

    private static void stale(LocalStore store, FileHandle handle) {
        UnderStoreContract.fails(Errno.ESTALE, () -> store.getattr(Credentials.ROOT, handle));
    }

    @Test
    void handlesSurviveARenameOfTheRoot(@TempDir Path directory) throws Exception {
        Path before = Files.createDirectory(directory.resolve("before"));
        Files.createDirectory(before.resolve("d"));
        try (LocalStore store = new LocalStore(before)) {
            FileHandle d = lookup(store, "d");
            Files.move(before, directory.resolve("after"));
            assertThat(store.getattr(Credentials.ROOT, d).type()).isEqualTo(FileType.DIRECTORY);
        }
    }

    @Test
    void trustedAttributesAreForTheSuperuserOnly(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("f"), "x");
        Credentials alice = UnderStoreContract.ALICE;
        byte[] name = UnderStoreContract.b("trusted.secret");
        try (LocalStore store = new LocalStore(directory)) {
            FileHandle f = lookup(store, "f");
            store.setxattr(Credentials.ROOT, f, name, UnderStoreContract.b("v"), 0);
            store.setattr(Credentials.ROOT, f, null, new SetAttr(null, alice.uid(), null, null, null, null));
            assertThat(store.listxattr(Credentials.ROOT, f)).isEqualTo(UnderStoreContract.b("trusted.secret\0"));
            assertThat(store.listxattr(alice, f)).isEmpty();
            UnderStoreContract.fails(Errno.ENODATA, () -> store.getxattr(alice, f, name));
            UnderStoreContract.fails(Errno.EPERM, () -> store.setxattr(alice, f, name, new byte[1], 0));
            UnderStoreContract.fails(Errno.EPERM, () -> store.removexattr(alice, f, name));
        }
    }

    @Test
    void aWriteByAnotherUserTakesTheSetUserIdBitAway(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("f"), "content");
        try (LocalStore store = new LocalStore(directory);
                Arena arena = Arena.ofConfined()) {
            FileHandle f = lookup(store, "f");
            Credentials bob = UnderStoreContract.BOB;
            Opened opened = store.open(Credentials.ROOT, f, Access.WRITE, false);
            store.setattr(Credentials.ROOT, f, null, SetAttr.ofMode(04777));
            store.write(bob, opened.file(), 0, arena.allocate(1), 0, 1, Durability.UNSTABLE);
            assertThat(store.getattr(Credentials.ROOT, f).mode() & 07777).isEqualTo(0777);
            store.setattr(Credentials.ROOT, f, null, SetAttr.ofMode(04777));
            store.setattr(bob, f, null, SetAttr.ofSize(3));
            assertThat(store.getattr(Credentials.ROOT, f).mode() & 07777).isEqualTo(0777);
        }
    }

    @Test
    void saysWhyATreeCannotBeOpened(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("f"), "x");
        assertThatThrownBy(() -> new LocalStore(directory.resolve("missing")))
                .hasMessageContaining(directory.resolve("missing").toString())
                .hasMessageContaining("No such file");
        assertThatThrownBy(() -> new LocalStore(file)).hasMessageContaining("Not a directory");
        assertThatThrownBy(() -> new LocalStore(Path.of("/proc"))).hasMessageContaining("file handles");
    }

    @Test
    void closedFilesAndStoresLeaveNoDescriptor(@TempDir Path directory) throws Exception {
        LocalStore store = new LocalStore(directory);
        long before = descriptors();
        for (int i = 0; i < 50; i++) {
            Opened f = store.create(
                    Credentials.ROOT,
                    store.root().handle(),
                    UnderStoreContract.b("f" + i),
                    0644,
                    Access.READ_WRITE,
                    true,
                    false);
            store.lock(Credentials.ROOT, f.file(), new FileLock(i, 0, 1, true, 0), false);
            if (i % 2 == 0) {
                store.close(f.file());
                UnderStoreContract.fails(Errno.EBADF, () -> store.commit(Credentials.ROOT, f.file()));
            }
            UnderStoreContract.fails(
                    Errno.ENOENT,
                    () -> store.lookup(Credentials.ROOT, store.root().handle(), UnderStoreContract.b("none")));
        }
        assertThat(descriptors()).isEqualTo(before + 50);
        store.close();
        assertThat(descriptors()).isEqualTo(before - 1);
        store.close();
        assertThat(descriptors()).isEqualTo(before - 1);
    }

    private static long descriptors() throws Exception {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }
}
