package io.efc.client.internal;

import io.efc.store.FileHandle;
import io.efc.store.StoreAttr;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What inodes cost: {@code InodeMemory [count] [bytes of a handle]} prints heap, table and resident bytes with that many known. */
public final class InodeMemory {
    private InodeMemory() {}

    /** See the class. */
    public static void main(String[] args) throws IOException {
        int count = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
        int handleBytes = args.length > 1 ? Integer.parseInt(args[1]) : 40;
        Path directory = Files.createTempDirectory(Path.of("/dev/shm"), "efc-client-memory-");
        long heapBefore = heap();
        long residentBefore = resident();
        try (InodeTable table = InodeTable.open(directory, 2L * count)) {
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                FileHandle handle = new FileHandle(ByteBuffer.allocate(handleBytes)
                        .putInt(i)
                        .putInt(i * 31)
                        .array());
                long id = table.intern(0, handle, 7, 1, 1);
                table.apply(id, new StoreAttr(i, 1, 0100644, 1, 0, 0, 0, 4096, 8, 1, 2, 3, 4), 1);
            }
            double micros = (System.nanoTime() - start) / 1e3 / count;
            System.out.printf(
                    Locale.ROOT,
                    "%d inodes with handles of %d bytes, %.2f us each: heap %.1f MiB, table %.1f bytes an inode, resident %.1f MiB more%n",
                    table.count(),
                    handleBytes,
                    micros,
                    (heap() - heapBefore) / 1048576.0,
                    (double) table.bytes() / count,
                    (resident() - residentBefore) / 1048576.0);
        }
        long start = System.nanoTime();
        try (InodeTable again = InodeTable.open(directory, 2L * count)) {
            System.out.printf(
                    Locale.ROOT, "opened again with %d in %.0f ms%n", again.count(), (System.nanoTime() - start) / 1e6);
        }
        Files.delete(directory.resolve("inodes"));
        Files.delete(directory.resolve("handles"));
        Files.delete(directory);
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
            }
        }
        return 0;
    }
}
