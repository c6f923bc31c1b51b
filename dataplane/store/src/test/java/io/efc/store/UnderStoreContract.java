package io.efc.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;

/**
 * What every {@link UnderStore} test stands on: one store for the class, a fresh directory of mode 0777 for each test, and shorthands. The
 * store trusts uid 0 (no root squash). What a store cannot do is named by {@link StoreFeature} and by nothing else.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class UnderStoreContract {
    static final Credentials ROOT = Credentials.ROOT;
    static final Credentials ALICE = Credentials.of(41001, 41001);
    static final Credentials BOB = Credentials.of(41002, 41002);

    /** Has ALICE's group as a supplementary one. */
    static final Credentials CAROL = new Credentials(41003, 41003, new int[] {41001, 41009});

    static final int S_IFIFO = 0010000;
    static final int S_IFCHR = 0020000;
    static final int S_IFDIR = 0040000;
    static final int S_IFREG = 0100000;
    static final int S_IFLNK = 0120000;
    static final int S_IFSOCK = 0140000;

    private static final AtomicInteger DIRECTORIES = new AtomicInteger();

    UnderStore store;
    FileHandle dir;

    /** Opens the store under test on an empty tree; called once. */
    abstract UnderStore openStore() throws Exception;

    /** Ends what {@link #openStore} started besides the store. */
    void closeStore() throws Exception {}

    @BeforeAll
    final void openOnce() throws Exception {
        store = openStore();
    }

    @AfterAll
    final void closeOnce() throws Exception {
        try {
            if (store != null) {
                store.close();
            }
        } finally {
            closeStore();
        }
    }

    @BeforeEach
    final void freshDirectory() {
        dir = store.mkdir(ROOT, store.root().handle(), b("test-" + DIRECTORIES.incrementAndGet()), 0777)
                .entry()
                .handle();
        store.setattr(ROOT, dir, null, SetAttr.ofMode(0777));
    }

    static byte[] b(String text) {
        return text.getBytes(UTF_8);
    }

    void needs(StoreFeature feature) {
        Assumptions.assumeTrue(store.features().contains(feature), () -> store.location() + " lacks " + feature);
    }

    /** {@code call} must fail with one of these. */
    static void fails(Set<Errno> expected, ThrowingCallable call) {
        try {
            call.call();
        } catch (StoreException e) {
            assertThat(expected).as(e.getMessage()).contains(e.errno());
            return;
        } catch (Throwable t) {
            fail("expected " + expected + ", got " + t, t);
        }
        fail("expected " + expected + ", but the call succeeded");
    }

    static void fails(Errno expected, ThrowingCallable call) {
        fails(Set.of(expected), call);
    }

    StoreEntry file(String name, int mode, Credentials owner) {
        Opened opened = store.create(owner, dir, b(name), mode, Access.READ_WRITE, true, false);
        store.close(opened.file());
        return opened.entry();
    }

    StoreEntry file(String name) {
        return file(name, 0644, ROOT);
    }

    /** Makes a file with this content, durably. */
    StoreEntry file(String name, byte[] content) {
        Opened opened = store.create(ROOT, dir, b(name), 0644, Access.READ_WRITE, true, false);
        write(opened.file(), 0, content);
        store.commit(ROOT, opened.file());
        store.close(opened.file());
        return lookup(name);
    }

    StoreEntry lookup(String name) {
        return store.lookup(ROOT, dir, b(name));
    }

    void write(OpenFile file, long position, byte[] content) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment from = arena.allocate(Math.max(1, content.length));
            MemorySegment.copy(content, 0, from, ValueLayout.JAVA_BYTE, 0, content.length);
            WriteResult result = store.write(ROOT, file, position, from, 0, content.length, Durability.UNSTABLE);
            assertThat(result.count()).isEqualTo(content.length);
        }
    }

    /** Reads through an open file; the array has what was there. */
    byte[] read(OpenFile file, long position, int length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment to = arena.allocate(Math.max(1, length));
            ReadResult result = store.read(ROOT, file, position, to, 0, length);
            return to.asSlice(0, result.count()).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** Reads a whole small file by its handle. */
    byte[] content(FileHandle file) {
        int size = Math.toIntExact(store.getattr(ROOT, file).size());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment to = arena.allocate(size + 1L);
            ReadResult result = store.read(ROOT, file, 0, to, 0, size + 1);
            assertThat(result.eof()).isTrue();
            return to.asSlice(0, result.count()).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    static byte[] pattern(int seed, int bytes) {
        byte[] all = new byte[bytes];
        new java.util.SplittableRandom(seed).nextBytes(all);
        return all;
    }

    /** All entries, page by page. */
    List<DirEntry> list(FileHandle directory, int pageEntries, boolean plus) {
        List<DirEntry> all = new ArrayList<>();
        long cookie = 0;
        long verifier = 0;
        while (true) {
            DirPage page = store.readdir(ROOT, directory, cookie, verifier, pageEntries, plus);
            assertThat(page.entries().size()).isLessThanOrEqualTo(pageEntries);
            all.addAll(page.entries());
            if (page.eof()) {
                return all;
            }
            assertThat(page.entries()).isNotEmpty();
            cookie = page.entries().getLast().cookie();
            assertThat(cookie).isNotZero();
            verifier = page.verifier();
        }
    }

    List<String> names(FileHandle directory) {
        return list(directory, 1000, false).stream()
                .map(e -> new String(e.name(), UTF_8))
                .toList();
    }
}
