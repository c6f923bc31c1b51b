package io.efc.client.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.fuse.FuseName;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DentryCacheTest {
    private final DentryCache cache = new DentryCache(2048, id -> id);

    @AfterEach
    void close() {
        cache.close();
    }

    private record Name(String text) implements FuseName {
        @Override
        public int length() {
            return toBytes().length;
        }

        @Override
        public byte byteAt(int index) {
            return toBytes()[index];
        }

        @Override
        public byte[] toBytes() {
            return text.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public void copyTo(MemorySegment to, long offset) {
            MemorySegment.copy(toBytes(), 0, to, ValueLayout.JAVA_BYTE, offset, length());
        }

        @Override
        public boolean contentEquals(byte[] bytes) {
            return Arrays.equals(bytes, toBytes());
        }

        @Override
        public boolean contentEquals(MemorySegment segment, long offset) {
            return contentEquals(segment.asSlice(offset, length()).toArray(ValueLayout.JAVA_BYTE));
        }

        @Override
        public long hash64() {
            return Hash.of(toBytes(), 0);
        }
    }

    private long node(long parent, String name) {
        DentryCache.Found f = cache.find(parent, new Name(name));
        return f == null ? -1 : f.nodeId;
    }

    @Test
    void findsWhatWasPutByParentAndName() {
        cache.put(1, new Name("a"), 10, 3, 100);
        cache.put(2, new Name("a"), 20, 4, 100);
        cache.put(1, new Name("b"), DentryCache.ABSENT, 0, 100);
        assertThat(node(1, "a")).isEqualTo(10);
        assertThat(node(2, "a")).isEqualTo(20);
        assertThat(node(1, "b")).isEqualTo(DentryCache.ABSENT);
        assertThat(node(1, "c")).isEqualTo(-1);
        assertThat(node(3, "a")).isEqualTo(-1);
    }

    @Test
    void aLaterAnswerReplacesAnEarlierOne() {
        cache.put(1, new Name("a"), 10, 3, 100);
        cache.put(1, new Name("a"), 11, 5, 200);
        DentryCache.Found f = Objects.requireNonNull(cache.find(1, new Name("a")));
        assertThat(f.nodeId).isEqualTo(11);
        assertThat(f.generation).isEqualTo(5);
        assertThat(f.fetchedAt).isEqualTo(200);
    }

    @Test
    void anAnswerFromBeforeAChangeIsNotKept() {
        cache.put(1, new Name("a"), 10, 3, 100);
        cache.changed(1, new Name("a"), 150);
        assertThat(node(1, "a")).isEqualTo(-1);
        cache.put(1, new Name("a"), 10, 3, 149);
        assertThat(node(1, "a")).isEqualTo(-1);
        cache.put(1, new Name("a"), 12, 3, 150);
        assertThat(node(1, "a")).isEqualTo(12);
    }

    @Test
    void longNamesAreLeftOut() {
        String longest = "n".repeat(92);
        cache.put(1, new Name(longest), 10, 1, 1);
        cache.put(1, new Name(longest + "n"), 11, 1, 1);
        assertThat(node(1, longest)).isEqualTo(10);
        assertThat(node(1, longest + "n")).isEqualTo(-1);
    }

    @Test
    void isBoundedAndForgetsTheOldest() {
        for (int i = 0; i < 100_000; i++) {
            cache.put(1, new Name("name-" + i), i + 2, 1, i);
        }
        int recent = 0;
        int old = 0;
        for (int i = 0; i < 100_000; i++) {
            if (node(1, "name-" + i) == i + 2) {
                recent += i >= 96_000 ? 1 : 0;
                old += i < 90_000 ? 1 : 0;
            }
        }
        assertThat(recent).isBetween(1500, 2048);
        assertThat(old).isZero();
    }
}
