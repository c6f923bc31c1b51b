package io.efc.client.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.fuse.FuseName;
import io.efc.store.DirEntry;
import io.efc.store.DirPage;
import io.efc.store.FileType;
import io.efc.store.StoreException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RostersTest {
    private static final Credentials CALLER = Credentials.ROOT;
    private static final long DIRECTORY = 5;

    private final List<String> names = new ArrayList<>();
    private long generation = 1;
    private long now = 10;
    private long coveredSince;
    private int pages;
    private Runnable duringPage = () -> {};

    private final Rosters rosters = new Rosters(new Rosters.Source() {
        @Override
        public long generation(long directory) {
            return generation;
        }

        @Override
        public long now() {
            return now;
        }

        @Override
        public long negative(long directory, long askedAt) {
            return askedAt >= coveredSince ? 7 : 0;
        }

        @Override
        public DirPage page(Credentials caller, long directory, long cookie, long verifier) {
            pages++;
            int from = (int) cookie;
            int to = Math.min(names.size(), from + Rosters.PAGE_ENTRIES);
            List<DirEntry> entries = new ArrayList<>();
            for (int i = from; i < to; i++) {
                entries.add(new DirEntry(names.get(i).getBytes(UTF_8), i + 1, FileType.REGULAR, i + 1, null));
            }
            duringPage.run();
            return new DirPage(entries, 0, to == names.size());
        }
    });

    @SuppressWarnings("ArrayRecordComponent")
    private record Name(byte[] bytes) implements FuseName {
        static Name of(String text) {
            return new Name(text.getBytes(UTF_8));
        }

        @Override
        public int length() {
            return bytes.length;
        }

        @Override
        public byte byteAt(int index) {
            return bytes[index];
        }

        @Override
        public byte[] toBytes() {
            return bytes.clone();
        }

        @Override
        public void copyTo(MemorySegment to, long offset) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean contentEquals(byte[] other) {
            return Arrays.equals(bytes, other);
        }

        @Override
        public boolean contentEquals(MemorySegment segment, long offset) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long hash64() {
            throw new UnsupportedOperationException();
        }
    }

    private boolean isAbsent(String name) {
        return rosters.absent(DIRECTORY, Name.of(name)) > 0;
    }

    private void miss(int times) {
        for (int i = 0; i < times; i++) {
            rosters.missed(CALLER, DIRECTORY);
        }
    }

    private void fill(int count) {
        for (int i = 0; i < count; i++) {
            names.add("n" + i);
        }
    }

    @Test
    void nothingIsAbsentBeforeItIsListed() {
        miss(1);
        assertThat(isAbsent("x")).isFalse();
        assertThat(pages).isZero();
    }

    @Test
    void whatAListingHasIsThereAndNothingElse() {
        fill(500);
        miss(Rosters.MISSES_LEAST);
        assertThat(pages).isEqualTo(1);
        assertThat(names).noneMatch(this::isAbsent);
        assertThat(isAbsent("x")).isTrue();
        assertThat(rosters.names()).isEqualTo(500);
    }

    @Test
    void listingCostsNoMoreRequestsThanTheQuestionsInVain() {
        fill(20 * Rosters.PAGE_ENTRIES);
        for (int misses = 1; misses <= 40 && !isAbsent("x"); misses++) {
            miss(1);
            assertThat(pages).isLessThanOrEqualTo(2 * misses);
        }
        assertThat(isAbsent("x")).isTrue();
        assertThat(names).noneMatch(this::isAbsent);
    }

    @Test
    void whatIsMadeIsThereAlsoDuringTheListing() {
        fill(Rosters.PAGE_ENTRIES + 1);
        duringPage = () -> rosters.add(DIRECTORY, Name.of("during"));
        miss(Rosters.MISSES_LEAST);
        rosters.add(DIRECTORY, Name.of("after"));
        assertThat(isAbsent("x")).isTrue();
        assertThat(isAbsent("during")).isFalse();
        assertThat(isAbsent("after")).isFalse();
    }

    @Test
    void aListingIsGoodOnlyWhileTheDirectoryIsCovered() {
        names.add("a");
        miss(Rosters.MISSES_LEAST);
        assertThat(isAbsent("b")).isTrue();
        coveredSince = 11;
        names.add("b");
        assertThat(isAbsent("c")).isFalse();
        now = 12;
        miss(Rosters.MISSES_LEAST);
        assertThat(isAbsent("b")).isFalse();
        assertThat(isAbsent("c")).isTrue();
        assertThat(pages).isEqualTo(2);
    }

    @Test
    void aLeaseThatGoesDuringTheListingMakesItWorthless() {
        duringPage = () -> coveredSince = 11;
        miss(Rosters.MISSES_LEAST);
        assertThat(isAbsent("x")).isFalse();
    }

    @Test
    void aNodeThatIsAnotherFileNowHasNoNames() {
        miss(Rosters.MISSES_LEAST);
        assertThat(isAbsent("x")).isTrue();
        generation = 2;
        assertThat(isAbsent("x")).isFalse();
    }

    @Test
    void aDirectoryThatCannotBeListedIsTriedAgainMoreSeldom() {
        duringPage = () -> {
            throw new StoreException(Errno.EACCES, "readdir");
        };
        miss(1000);
        assertThat(isAbsent("x")).isFalse();
        assertThat(pages).isBetween(2, 12);
    }

    @Test
    void aDirectoryWithTooManyNamesIsNotKept() {
        fill(Rosters.NAMES_MAX + 1);
        miss(1000);
        assertThat(isAbsent("x")).isFalse();
        assertThat(rosters.names()).isLessThanOrEqualTo(Rosters.NAMES_MAX);
    }
}
