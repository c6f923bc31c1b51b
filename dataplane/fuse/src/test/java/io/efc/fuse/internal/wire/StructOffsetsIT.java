package io.efc.fuse.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares every offset and size with what a C compiler says of linux/fuse.h. Structs and fields newer than the installed header (7.38)
 * are declared here, as the kernel's later header has them.
 */
class StructOffsetsIT {
    private static final String NEWER = """
            struct fuse_init_out_740 { uint32_t major, minor, max_readahead, flags; uint16_t max_background, \
            congestion_threshold; uint32_t max_write, time_gran; uint16_t max_pages, map_alignment; uint32_t flags2, \
            max_stack_depth; uint16_t request_timeout; uint16_t unused[11]; };
            struct fuse_open_out_740 { uint64_t fh; uint32_t open_flags; int32_t backing_id; };
            struct fuse_backing_map_740 { int32_t fd; uint32_t flags; uint64_t padding; };
            struct fuse_statx_in_739 { uint32_t getattr_flags, reserved; uint64_t fh; uint32_t sx_flags, sx_mask; };
            struct fuse_sx_time_739 { int64_t tv_sec; uint32_t tv_nsec; int32_t pad; };
            struct fuse_statx_739 { uint32_t mask, blksize; uint64_t attributes; uint32_t nlink, uid, gid; uint16_t mode, \
            spare0; uint64_t ino, size, blocks, attributes_mask; struct fuse_sx_time_739 a, b, c, m; \
            uint32_t rdev_major, rdev_minor, dev_major, dev_minor; uint64_t spare2[14]; };
            struct fuse_statx_out_739 { uint64_t attr_valid; uint32_t attr_valid_nsec, flags; uint64_t spare[2]; \
            struct fuse_statx_739 stat; };
            """;

    private static final Map<Class<?>, String> STRUCTS = new LinkedHashMap<>();

    static {
        STRUCTS.put(InHeader.class, "fuse_in_header");
        STRUCTS.put(OutHeader.class, "fuse_out_header");
        STRUCTS.put(ExtHeader.class, "fuse_ext_header");
        STRUCTS.put(InitIn.class, "fuse_init_in");
        STRUCTS.put(InitOut.class, "fuse_init_out_740");
        STRUCTS.put(Attr.class, "fuse_attr");
        STRUCTS.put(EntryOut.class, "fuse_entry_out");
        STRUCTS.put(AttrOut.class, "fuse_attr_out");
        STRUCTS.put(OpenOut.class, "fuse_open_out_740");
        STRUCTS.put(GetattrIn.class, "fuse_getattr_in");
        STRUCTS.put(SetattrIn.class, "fuse_setattr_in");
        STRUCTS.put(MknodIn.class, "fuse_mknod_in");
        STRUCTS.put(MkdirIn.class, "fuse_mkdir_in");
        STRUCTS.put(RenameIn.class, "fuse_rename_in");
        STRUCTS.put(Rename2In.class, "fuse_rename2_in");
        STRUCTS.put(LinkIn.class, "fuse_link_in");
        STRUCTS.put(OpenIn.class, "fuse_open_in");
        STRUCTS.put(CreateIn.class, "fuse_create_in");
        STRUCTS.put(ReleaseIn.class, "fuse_release_in");
        STRUCTS.put(FlushIn.class, "fuse_flush_in");
        STRUCTS.put(ReadIn.class, "fuse_read_in");
        STRUCTS.put(WriteIn.class, "fuse_write_in");
        STRUCTS.put(WriteOut.class, "fuse_write_out");
        STRUCTS.put(LseekOut.class, "fuse_lseek_out");
        STRUCTS.put(KstatfsOut.class, "fuse_kstatfs");
        STRUCTS.put(FsyncIn.class, "fuse_fsync_in");
        STRUCTS.put(SetxattrIn.class, "fuse_setxattr_in");
        STRUCTS.put(GetxattrIn.class, "fuse_getxattr_in");
        STRUCTS.put(GetxattrOut.class, "fuse_getxattr_out");
        STRUCTS.put(LkIn.class, "fuse_lk_in");
        STRUCTS.put(LkOut.class, "fuse_lk_out");
        STRUCTS.put(AccessIn.class, "fuse_access_in");
        STRUCTS.put(InterruptIn.class, "fuse_interrupt_in");
        STRUCTS.put(ForgetIn.class, "fuse_forget_in");
        STRUCTS.put(BatchForgetIn.class, "fuse_batch_forget_in");
        STRUCTS.put(ForgetOne.class, "fuse_forget_one");
        STRUCTS.put(FallocateIn.class, "fuse_fallocate_in");
        STRUCTS.put(LseekIn.class, "fuse_lseek_in");
        STRUCTS.put(CopyFileRangeIn.class, "fuse_copy_file_range_in");
        STRUCTS.put(StatxIn.class, "fuse_statx_in_739");
        STRUCTS.put(Statx.class, "fuse_statx_739");
        STRUCTS.put(StatxOut.class, "fuse_statx_out_739");
        STRUCTS.put(Dirent.class, "fuse_dirent");
        STRUCTS.put(NotifyInvalInode.class, "fuse_notify_inval_inode_out");
        STRUCTS.put(NotifyInvalEntry.class, "fuse_notify_inval_entry_out");
        STRUCTS.put(NotifyDelete.class, "fuse_notify_delete_out");
        STRUCTS.put(NotifyStore.class, "fuse_notify_store_out");
        STRUCTS.put(BackingMap.class, "fuse_backing_map_740");
    }

    /** C names of constants that are not simply the constant in lower case. */
    private static String field(Class<?> struct, String constant) {
        String name = constant.toLowerCase(Locale.ROOT);
        if (name.startsWith("lk_") && !name.equals("lk_flags")) {
            return "lk." + name.substring(3);
        }
        if (struct == Statx.class && name.matches("[abcm]time(nsec)?")) {
            return name.charAt(0) + (name.endsWith("nsec") ? ".tv_nsec" : ".tv_sec");
        }
        return name;
    }

    @Test
    void everyOffsetIsTheCompilers(@TempDir Path dir) throws Exception {
        Map<String, Integer> ours = new TreeMap<>();
        StringBuilder c = new StringBuilder("#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n"
                + "#include <linux/fuse.h>\n" + NEWER + "int main(void) {\n");
        for (Map.Entry<Class<?>, String> e : STRUCTS.entrySet()) {
            for (Field f : e.getKey().getDeclaredFields()) {
                if (!Modifier.isStatic(f.getModifiers())
                        || !Modifier.isPublic(f.getModifiers())
                        || f.getName().equals("COMPAT_BYTES")) {
                    continue;
                }
                String struct = e.getValue();
                boolean size = f.getName().equals("BYTES");
                String member = size ? "" : field(e.getKey(), f.getName());
                String key = struct + "." + (size ? "sizeof" : member);
                // A flexible name at the end does not count.
                String expression =
                        size ? "sizeof(struct " + struct + ")" : "offsetof(struct " + struct + ", " + member + ")";
                c.append("printf(\"%s %zu\\n\", \"" + key + "\", " + expression + ");\n");
                ours.put(key, f.getInt(null));
            }
        }
        c.append("return 0; }\n");
        Path source = Files.writeString(dir.resolve("offsets.c"), c);
        Path program = dir.resolve("offsets");
        run("gcc", "-Wall", "-Werror", "-o", program.toString(), source.toString());
        Map<String, Integer> theirs = new TreeMap<>();
        for (String line : run(program.toString()).lines().toList()) {
            theirs.put(line.substring(0, line.indexOf(' ')), Integer.parseInt(line.substring(line.indexOf(' ') + 1)));
        }
        assertThat(ours).hasSizeGreaterThan(200).isEqualTo(theirs);
    }

    @Test
    void everyStructIsCompared() throws Exception {
        Path folder = Path.of("src/main/java/io/efc/fuse/internal/wire");
        try (var files = Files.list(folder)) {
            assertThat(files.map(p -> p.getFileName().toString().replace(".java", ""))
                            .filter(n -> !n.equals("Struct") && !n.equals("package-info")))
                    .containsExactlyInAnyOrderElementsOf(
                            STRUCTS.keySet().stream().map(Class::getSimpleName).toList());
        }
    }

    private static String run(String... command) throws Exception {
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(p.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(p.exitValue()).as(output).isZero();
        return output;
    }
}
