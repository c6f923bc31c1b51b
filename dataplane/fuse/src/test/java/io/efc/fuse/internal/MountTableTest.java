package io.efc.fuse.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountTableTest {
    private final MountTable table = MountTable.parse(List.of(
            "22 1 0:21 / /proc rw,nosuid shared:5 - proc proc rw",
            "40 22 0:39 / /mnt/a\\040b rw - fuse.efc efc:demo rw,user_id=0",
            "41 22 0:40 / /mnt/x rw master:1 propagate_from:2 - ext4 /dev/sda rw",
            "42 22 0:41 / /mnt/x rw - fuse src\\134x rw",
            "garbage"));

    @Test
    void findsTheUppermostMountOfAPath() {
        assertThat(table.at(Path.of("/mnt/x"))).get().satisfies(e -> {
            assertThat(e.isFuse()).isTrue();
            assertThat(e.source()).isEqualTo("src\\x");
        });
    }

    @Test
    void undoesEscapes() {
        assertThat(table.at(Path.of("/mnt/a b"))).get().satisfies(e -> {
            assertThat(e.type()).isEqualTo("fuse.efc");
            assertThat(e.device()).isEqualTo("0:39");
        });
    }

    @Test
    void findsAMountByItsDevice() {
        assertThat(table.ofDevice("0:39"))
                .get()
                .extracting(MountTable.Entry::mountPoint)
                .isEqualTo(Path.of("/mnt/a b"));
        assertThat(table.ofDevice("0:99")).isEmpty();
    }

    @Test
    void tellsFuseFromOthers() {
        assertThat(table.at(Path.of("/proc")))
                .get()
                .extracting(MountTable.Entry::isFuse)
                .isEqualTo(false);
        assertThat(table.at(Path.of("/mnt"))).isEmpty();
    }
}
