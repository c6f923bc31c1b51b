package io.efc.testing.posix;

import static io.efc.base.Libc.MAP_PRIVATE;
import static io.efc.base.Libc.MAP_SHARED;
import static io.efc.base.Libc.PROT_READ;
import static io.efc.base.Libc.PROT_WRITE;

import io.efc.base.Errno;
import io.efc.base.Libc;

/** mmap(2) of files. */
final class MmapRules {
    private static final int PAGE = 4096;

    private MmapRules() {}

    static void addTo(Suite s) {
        s.group("mmap");
        private_(s);
        shared(s);
    }

    private static void private_(Suite s) {
        s.rule("a private mapping shows the file, zeros behind its end", t -> {
            String data = IoRules.pattern(10_000, 2);
            t.file("f", data);
            long fd = t.ok(t.open("f", Libc.O_RDONLY));
            try (Mapping m = Mapping.of(fd, 3 * PAGE, PROT_READ, MAP_PRIVATE)) {
                t.same(data, m.text(0, 10_000), "content");
                t.same("\0".repeat(3 * PAGE - 10_000), m.text(10_000, 3 * PAGE - 10_000), "rest of the page");
            }
        });
        s.rule("stores into a private mapping stay there", t -> {
            t.file("f", "data");
            long fd = t.ok(t.open("f", Libc.O_RDONLY));
            try (Mapping m = Mapping.of(fd, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE)) {
                m.put(0, "CHANGED");
                t.same("CHANGED", m.text(0, 7), "mapping");
            }
            t.content("f", "data");
        });
        s.rule("a mapping outlives its descriptor and its name", t -> {
            String data = IoRules.pattern(5 * PAGE, 2);
            t.file("f", data);
            long fd = t.ok(t.open("f", Libc.O_RDONLY));
            try (Mapping m = Mapping.of(fd, 5 * PAGE, PROT_READ, MAP_SHARED)) {
                t.ok(t.close(fd));
                t.ok(t.unlink("f"));
                t.same(data, m.text(0, 5 * PAGE), "content");
            }
        });
        s.rule("rights: a shared writable mapping needs O_RDWR: EACCES", Capability.SHARED_MMAP, t -> {
            t.file("f", "data");
            long in = t.ok(t.open("f", Libc.O_RDONLY));
            long out = t.ok(t.open("f", Libc.O_WRONLY));
            t.errno(Mapping.errno(in, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED), Errno.EACCES);
            t.errno(Mapping.errno(out, PAGE, PROT_READ, MAP_SHARED), Errno.EACCES);
        });
        s.rule("a directory cannot be mapped: ENODEV", t -> {
            t.errno(Mapping.errno(t.ok(t.open(".", Libc.O_RDONLY)), PAGE, PROT_READ, MAP_PRIVATE), Errno.ENODEV);
        });
        s.rule("a length of 0 is EINVAL", t -> {
            t.errno(Mapping.errno(t.create("f"), 0, PROT_READ, MAP_PRIVATE), Errno.EINVAL);
        });
    }

    private static void shared(Suite s) {
        s.rule("stores into a shared mapping reach the file", Capability.SHARED_MMAP, t -> {
            t.file("f", "x".repeat(3 * PAGE));
            long fd = t.ok(t.open("f", Libc.O_RDWR));
            try (Mapping m = Mapping.of(fd, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED)) {
                m.put(PAGE - 2, "over");
                t.same("xxoverxx", t.textAt(fd, 8, PAGE - 4), "content by pread");
                t.ok(m.sync());
            }
            t.content("f", "x".repeat(PAGE - 2) + "over" + "x".repeat(2 * PAGE - 2));
        });
        s.rule("stores are there after munmap and close without msync", Capability.SHARED_MMAP, t -> {
            t.file("f", "x".repeat(PAGE));
            long fd = t.ok(t.open("f", Libc.O_RDWR));
            try (Mapping m = Mapping.of(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED)) {
                m.put(10, "kept");
            }
            t.ok(t.close(fd));
            t.content("f", "x".repeat(10) + "kept" + "x".repeat(PAGE - 14));
        });
        s.rule("a write through a descriptor shows in the mapping", Capability.SHARED_MMAP, t -> {
            t.file("f", "x".repeat(PAGE));
            long fd = t.ok(t.open("f", Libc.O_RDWR));
            try (Mapping m = Mapping.of(fd, PAGE, PROT_READ, MAP_SHARED)) {
                t.same("xxxx", m.text(0, 4), "mapping");
                t.ok(t.pwrite(fd, "new", 0));
                t.same("newx", m.text(0, 4), "mapping");
            }
        });
        s.rule("two mappings of one file show each other's stores", Capability.SHARED_MMAP, t -> {
            t.file("f", "x".repeat(PAGE));
            long a = t.ok(t.open("f", Libc.O_RDWR));
            long b = t.ok(t.open("f", Libc.O_RDWR));
            try (Mapping m = Mapping.of(a, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
                    Mapping n = Mapping.of(b, PAGE, PROT_READ, MAP_SHARED)) {
                m.put(100, "shared");
                t.same("shared", n.text(100, 6), "the other mapping");
            }
        });
        s.rule("stores behind the end of the file are not written", Capability.SHARED_MMAP, t -> {
            t.file("f", "data");
            long fd = t.ok(t.open("f", Libc.O_RDWR));
            try (Mapping m = Mapping.of(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED)) {
                m.put(4, "beyond");
                t.ok(m.sync());
            }
            t.content("f", "data");
            t.ok(t.ftruncate(fd, 10));
            if (t.text("f").equals("databeyond")) {
                throw t.lacks(Capability.ZEROED_TAIL);
            }
            t.content("f", "data" + "\0".repeat(6));
        });
        s.rule("truncation shows in the mapping: zeros to the end of the page", Capability.SHARED_MMAP, t -> {
            t.file("f", "x".repeat(PAGE));
            long fd = t.ok(t.open("f", Libc.O_RDWR));
            try (Mapping m = Mapping.of(fd, PAGE, PROT_READ, MAP_SHARED)) {
                t.same("xxxx", m.text(1000, 4), "mapping before");
                t.ok(t.ftruncate(fd, 1002));
                t.same("xx\0\0", m.text(1000, 4), "mapping after");
            }
        });
        s.rule("a page that truncation took away faults: SIGBUS", Capability.SHARED_MMAP, t -> {
            t.file("f", "x".repeat(2 * PAGE));
            long fd = t.ok(t.open("f", Libc.O_RDWR));
            try (Mapping m = Mapping.of(fd, 2 * PAGE, PROT_READ, MAP_SHARED)) {
                t.same("x", m.text(PAGE, 1), "mapping before");
                t.ok(t.ftruncate(fd, 10));
                t.check(faults(m, PAGE), "the page is still there");
                t.ok(t.ftruncate(fd, 2 * PAGE));
                t.same("\0", m.text(PAGE, 1), "mapping after growth");
            }
        });
        s.rule("16 MiB written through a mapping come back by read", Capability.SHARED_MMAP, t -> {
            int size = 16 << 20;
            long fd = t.create("f");
            t.ok(t.ftruncate(fd, size));
            String block = IoRules.pattern(65536, 6);
            try (Mapping m = Mapping.of(fd, size, PROT_READ | PROT_WRITE, MAP_SHARED)) {
                for (int at = 0; at < size; at += 65536) {
                    m.put(at, block);
                    m.put(at, String.format("%08x", at));
                }
            }
            t.ok(t.fsync(fd));
            for (int at = 0; at < size; at += 65536) {
                t.same(String.format("%08x", at) + block.substring(8), t.textAt(fd, 65536, at), "block at " + at);
            }
        });
    }

    /** The JVM turns the signal into an InternalError. */
    private static boolean faults(Mapping m, long at) {
        try {
            return m.text(at, 1).isEmpty();
        } catch (InternalError e) {
            return true;
        }
    }
}
