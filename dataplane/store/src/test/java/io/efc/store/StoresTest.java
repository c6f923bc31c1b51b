package io.efc.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoresTest {
    private static StoreConfig config(String mountPoint, Map<String, String> options) {
        return new StoreConfig(mountPoint, options, false);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a", "ftp://a/b", "local://a/b", "local:/a", "nfs://", "nfs:///a", "nfs://host"})
    void namesAMountPointThatIsNone(String mountPoint) {
        assertThatThrownBy(() -> Stores.open(config(mountPoint, Map.of())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + mountPoint + "'")
                .hasMessageContaining("accepted:");
    }

    @Test
    void localTakesNoOptions(@TempDir Path directory) {
        assertThatThrownBy(() -> Stores.open(config("local://" + directory, Map.of("port", "1"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("unknown option 'port'");
    }

    @Test
    void aReadOnlyStoreReadsAndRefusesEveryChange(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("f"), "content");
        Files.createDirectory(directory.resolve("d"));
        byte[] f = UnderStoreContract.b("f");
        byte[] g = UnderStoreContract.b("g");
        Credentials root = Credentials.ROOT;
        try (UnderStore store = Stores.open(new StoreConfig("local://" + directory, Map.of(), true));
                java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined()) {
            FileHandle dir = store.root().handle();
            FileHandle file = store.lookup(root, dir, f).handle();
            Opened opened = store.create(root, dir, f, 0644, Access.READ, false, false);
            var memory = arena.allocate(16);
            assertThat(store.read(root, opened.file(), 0, memory, 0, 16).count())
                    .isEqualTo(7);
            assertThat(store.commit(root, opened.file()).size()).isEqualTo(7);
            assertThat(store.access(root, file, 6)).isEqualTo(4);
            UnderStoreContract.fails(Errno.EEXIST, () -> store.create(root, dir, f, 0644, Access.READ, true, false));
            for (org.assertj.core.api.ThrowableAssert.ThrowingCallable change :
                    new org.assertj.core.api.ThrowableAssert.ThrowingCallable[] {
                        () -> store.setattr(root, file, null, SetAttr.ofMode(0)),
                        () -> store.mkdir(root, dir, g, 0755),
                        () -> store.symlink(root, dir, g, f),
                        () -> store.mknod(root, dir, g, UnderStoreContract.S_IFREG, 0),
                        () -> store.link(root, file, dir, g),
                        () -> store.unlink(root, dir, f),
                        () -> store.rmdir(root, dir, UnderStoreContract.b("d")),
                        () -> store.rename(root, dir, f, dir, g, 0),
                        () -> store.open(root, file, Access.WRITE, false),
                        () -> store.open(root, file, Access.READ, true),
                        () -> store.create(root, dir, g, 0644, Access.READ, false, false),
                        () -> store.create(root, dir, f, 0644, Access.READ_WRITE, false, false),
                        () -> store.createUnnamed(root, dir, 0644, Access.READ_WRITE),
                        () -> store.write(root, opened.file(), 0, memory, 0, 1, Durability.UNSTABLE),
                        () -> store.setxattr(root, file, UnderStoreContract.b("user.a"), f, 0),
                        () -> store.removexattr(root, file, UnderStoreContract.b("user.a")),
                        () -> store.allocate(root, opened.file(), 0, 1, 0),
                        () -> store.copy(root, opened.file(), 0, opened.file(), 0, 1),
                    }) {
                UnderStoreContract.fails(Errno.EROFS, change);
            }
            store.close(opened.file());
        }
        assertThat(Files.readString(directory.resolve("f"))).isEqualTo("content");
        assertThat(directory.resolve("g")).doesNotExist();
    }
}
