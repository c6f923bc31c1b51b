package io.efc.cache;

import static io.efc.cache.CacheFixture.MIB;
import static io.efc.cache.CacheFixture.SUB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.efc.base.Errno;
import io.efc.base.Libc;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BlockCacheTest {
    private final CacheFixture fixture = CacheFixture.open(64);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void readsBackWhatWasPut() {
        CacheKey key = Contents.key(1, 1, 3L * MIB + 12345);
        assertThat(fixture.putAll(key)).isEqualTo(4);
        assertThat(fixture.read(key, 0, MIB)).isEqualTo(MIB);
        assertThat(fixture.read(key, 3L * MIB, MIB)).isEqualTo(12345);
        assertThat(fixture.read(key, MIB + 5, 4096)).isEqualTo(4096);
        assertThat(fixture.read(key, 2L * MIB + SUB - 1, 2)).isEqualTo(2);
        assertThat(fixture.read(key, key.size(), 10)).isZero();
        fixture.audit();
    }

    @Test
    void knowsSubRangesApart() {
        CacheKey key = Contents.key(1, 1, 2L * MIB);
        assertThat(fixture.put(key, 3L * SUB, 2 * SUB)).isTrue();
        assertThat(fixture.cache.missing(key, 0, MIB)).isEqualTo(0xffffL & ~0b11000L);
        assertThat(fixture.read(key, 3L * SUB, 2 * SUB)).isEqualTo(2 * SUB);
        assertThat(fixture.read(key, 3L * SUB - 1, 2)).isEqualTo(-1);
        assertThat(fixture.read(key, 5L * SUB - 1, 2)).isEqualTo(-1);
        assertThat(fixture.tier().usedBytes()).isEqualTo(2L * SUB);
        fixture.audit();
    }

    @Test
    void keepsVersionsApart() {
        CacheKey old = Contents.key(1, 1, MIB);
        CacheKey now = Contents.key(1, 2, MIB);
        fixture.putAll(old);
        assertThat(fixture.read(now, 0, 4096)).isEqualTo(-1);
        fixture.putAll(now);
        assertThat(fixture.read(old, 0, MIB)).isEqualTo(MIB);
        assertThat(fixture.read(now, 0, MIB)).isEqualTo(MIB);
        fixture.cache.invalidateOthers(now);
        assertThat(fixture.read(old, 0, 4096)).isEqualTo(-1);
        assertThat(fixture.read(now, 0, MIB)).isEqualTo(MIB);
        fixture.cache.invalidateFile(now.dataset(), now.fileHi(), now.fileLo());
        assertThat(fixture.read(now, 0, 4096)).isEqualTo(-1);
        assertThat(fixture.tier().usedBytes()).isZero();
        assertThat(fixture.diskBytes()).isZero();
        fixture.audit();
    }

    @Test
    void sizeIsPartOfTheName() {
        CacheKey shorter = Contents.key(1, 1, 2L * MIB);
        CacheKey longer = Contents.key(1, 1, 2L * MIB + SUB);
        fixture.putAll(shorter);
        assertThat(fixture.read(longer, 0, SUB)).isEqualTo(-1);
        fixture.putAll(longer);
        for (CacheKey key : List.of(shorter, longer)) {
            assertThat(fixture.read(key, 0, MIB)).isEqualTo(MIB);
            assertThat(fixture.whole(key)).satisfies(WholeFile::close);
        }
        fixture.cache.invalidateOthers(longer);
        assertThat(fixture.read(shorter, 0, SUB)).isEqualTo(-1);
        assertThat(fixture.read(longer, 0, SUB)).isEqualTo(SUB);
        fixture.audit();
    }

    @Test
    void closedCacheMissesAndDeclines() {
        CacheKey key = Contents.key(1, 1, 2L * MIB);
        fixture.putAll(key);
        BlockPin pin = fixture.pin(key, 0, MIB);
        WholeFile whole = fixture.whole(key);
        fixture.cache.close();
        assertThat(fixture.read(key, 0, SUB)).isEqualTo(-1);
        assertThat(fixture.put(key, 0, SUB)).isFalse();
        assertThat(fixture.cache.whole(key)).isNull();
        assertThat(Libc.pread(pin.fd(), fixture.buffer, 0, MIB, pin.fileOffset()))
                .isEqualTo(MIB);
        assertThat(Libc.pread(whole.fd(), fixture.buffer, 0, MIB, MIB)).isEqualTo(MIB);
        int fd = whole.fd();
        pin.close();
        whole.close();
        assertThat(Libc.pread(fd, fixture.buffer, 0, 1, 0)).isNegative();
        fixture.cache.close();
    }

    @Test
    void refusesRangesThatAreNotOfOneBlockOrOfWholeSubRanges() {
        CacheKey key = Contents.key(1, 1, 2L * MIB);
        assertThatThrownBy(() -> fixture.cache.read(key, MIB - 1, fixture.buffer, 0, 2))
                .hasMessageContaining("not within one block");
        assertThatThrownBy(() -> fixture.cache.put(key, 1, fixture.buffer, 0, SUB))
                .hasMessageContaining("whole sub-ranges");
        assertThatThrownBy(() -> fixture.cache.put(key, 0, fixture.buffer, 0, SUB + 1))
                .hasMessageContaining("whole sub-ranges");
        assertThatThrownBy(() -> fixture.cache.read(key, 0, fixture.buffer.asSlice(0, 10), 0, 11))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void pinShowsWhereTheBytesAre() {
        CacheKey key = Contents.key(1, 1, 2L * MIB);
        fixture.putAll(key);
        long position = MIB + 3L * SUB + 100;
        BlockPin pin = fixture.pin(key, position, SUB);
        assertThat(pin.length()).isEqualTo(SUB);
        assertThat(pin.firstSubRange()).isEqualTo(3);
        assertThat(pin.subRanges()).isEqualTo(2);
        assertThat(pin.verify()).isTrue();
        assertThat(Libc.pread(pin.fd(), fixture.buffer, 0, SUB, pin.fileOffset()))
                .isEqualTo(SUB);
        assertThat(Contents.mismatch(fixture.buffer, 0, key, position, SUB)).isEqualTo(-1);
        MemorySegment mapped = Objects.requireNonNull(pin.segment());
        assertThat(Contents.mismatch(mapped, pin.offset(), key, position, SUB)).isEqualTo(-1);
        try (Arena arena = Arena.ofConfined()) {
            java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
            crc.update(Contents.of(arena, key, MIB + 4L * SUB, SUB).asByteBuffer());
            assertThat(pin.crc(1)).isEqualTo((int) crc.getValue());
        }
        pin.close();
        assertThatThrownBy(pin::fd).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void pinOfSmallFileShowsWhereTheBytesAre() {
        CacheKey other = Contents.key(1, 1, 1000);
        CacheKey key = Contents.key(2, 1, 5000);
        fixture.putAll(other);
        fixture.putAll(key);
        try (BlockPin pin = fixture.pin(key, 1000, 9999)) {
            assertThat(pin.length()).isEqualTo(4000);
            assertThat(pin.verify()).isTrue();
            assertThat(Libc.pread(pin.fd(), fixture.buffer, 0, 4000, pin.fileOffset()))
                    .isEqualTo(4000);
            assertThat(Contents.mismatch(fixture.buffer, 0, key, 1000, 4000)).isEqualTo(-1);
            MemorySegment mapped = Objects.requireNonNull(pin.segment());
            assertThat(Contents.mismatch(mapped, pin.offset(), key, 1000, 4000)).isEqualTo(-1);
        }
        fixture.audit();
    }

    @Test
    void pinnedBytesOutliveInvalidation() {
        CacheKey key = Contents.key(1, 1, 2L * MIB);
        CacheKey small = Contents.key(2, 1, 3000);
        fixture.putAll(key);
        fixture.putAll(small);
        BlockPin pin = fixture.pin(key, 0, MIB);
        BlockPin smallPin = fixture.pin(small, 0, 3000);
        fixture.cache.invalidateFile(key.dataset(), key.fileHi(), key.fileLo());
        fixture.cache.invalidateFile(small.dataset(), small.fileHi(), small.fileLo());
        assertThat(fixture.read(key, 0, 10)).isEqualTo(-1);
        assertThat(fixture.read(small, 0, 10)).isEqualTo(-1);
        assertThat(pin.verify()).isTrue();
        assertThat(smallPin.verify()).isTrue();
        pin.close();
        smallPin.close();
        assertThat(fixture.read(key, 0, 10)).isEqualTo(-1);
        assertThat(fixture.tier().largeFiles()).isZero();
        assertThat(fixture.tier().smallFiles()).isZero();
        fixture.audit();
    }

    @Test
    void dropsCorruptedSubRangeAndCountsIt() throws IOException {
        CacheKey key = Contents.key(1, 1, 2L * MIB);
        fixture.putAll(key);
        flip(largeFile(), MIB + 2L * SUB + 77);
        assertThat(fixture.read(key, MIB, SUB)).isEqualTo(SUB);
        assertThat(fixture.read(key, MIB + 2L * SUB, 100)).isEqualTo(-1);
        assertThat(fixture.cache.usage().corrupted()).isEqualTo(1);
        assertThat(fixture.cache.missing(key, MIB, MIB)).isEqualTo(0b100);
        assertThat(fixture.put(key, MIB + 2L * SUB, SUB)).isTrue();
        assertThat(fixture.read(key, MIB, MIB)).isEqualTo(MIB);
        assertThat(fixture.tier().usedBytes()).isEqualTo(2L * MIB);
        fixture.audit();
    }

    @Test
    void findsCorruptionInAnyPieceHoweverItIsRead() throws IOException {
        CacheKey key = Contents.key(1, 1, MIB + 3L * SUB + 20_000);
        for (long at :
                new long[] {0, 16384, 40_000, 65_535, MIB - 1, MIB + 2L * SUB, key.size() - 20_000, key.size() - 1}) {
            long block = at / MIB * MIB;
            int bytes = (int) Math.min(MIB, key.size() - block);
            for (int length : new int[] {1, 4096, 16384, SUB, bytes}) {
                fixture.putAll(key);
                assertThat(fixture.read(key, block, bytes)).isEqualTo(bytes);
                flip(largeFile(), at);
                long start = Math.max(block, Math.min(at, block + bytes - length) / length * length);
                assertThat(fixture.read(key, start, (int) Math.min(length, block + bytes - start)))
                        .as("flipped %d, read [%d, +%d)", at, start, length)
                        .isEqualTo(at < start + length ? -1 : (int) Math.min(length, block + bytes - start));
                fixture.read(key, block, bytes);
                assertThat(fixture.cache.missing(key, block, bytes)).isEqualTo(1L << ((at - block) / SUB));
            }
        }
        fixture.putAll(key);
        fixture.audit();
    }

    @Test
    void readsAnyRange() {
        CacheKey key = Contents.key(1, 1, MIB + 3L * SUB + 20_000);
        fixture.putAll(key);
        java.util.SplittableRandom random = new java.util.SplittableRandom(1);
        for (int i = 0; i < 3000; i++) {
            long block = random.nextBoolean() ? 0 : MIB;
            int bytes = (int) Math.min(MIB, key.size() - block);
            int from = random.nextBoolean() ? random.nextInt(bytes) : random.nextInt(bytes) / 16384 * 16384;
            int length = 1 + random.nextInt(Math.min(bytes - from, 1 << random.nextInt(21)));
            assertThat(fixture.read(key, block + from, length)).isEqualTo(length);
        }
        assertThat(fixture.cache.usage().corrupted()).isZero();
    }

    @Test
    void checksumsOfSubRangesAreThoseOfTheirBytes() {
        CacheKey key = Contents.key(1, 1, MIB + 3L * SUB + 20_000);
        CacheKey small = Contents.key(2, 1, 33_333);
        fixture.putAll(key);
        fixture.putAll(small);
        for (CacheKey k : List.of(key, small)) {
            for (long block = 0; block < k.size(); block += MIB) {
                try (BlockPin pin = fixture.pin(k, block, MIB);
                        Arena arena = Arena.ofConfined()) {
                    for (int i = 0; i < pin.subRanges(); i++) {
                        long at = block + (long) i * SUB;
                        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
                        int bytes = (int) Math.min(SUB, k.size() - at);
                        crc.update(
                                Contents.of(arena, k, at, bytes).asByteBuffer().limit(bytes));
                        assertThat(pin.crc(i)).isEqualTo((int) crc.getValue());
                    }
                }
            }
        }
    }

    @Test
    void pinFindsCorruption() throws IOException {
        CacheKey key = Contents.key(1, 1, MIB);
        fixture.putAll(key);
        flip(largeFile(), 5L * SUB);
        try (BlockPin pin = fixture.pin(key, 0, MIB)) {
            assertThat(pin.verify()).isFalse();
        }
        assertThat(fixture.cache.missing(key, 0, MIB)).isEqualTo(1L << 5);
    }

    @Test
    void dropsCorruptedSmallFile() throws IOException {
        CacheKey key = Contents.key(1, 1, 4096);
        CacheKey other = Contents.key(2, 1, 4096);
        fixture.putAll(key);
        fixture.putAll(other);
        flip(fixture.root.resolve("t0/slabs"), 10);
        assertThat(fixture.read(key, 0, 4096)).isEqualTo(-1);
        assertThat(fixture.read(other, 0, 4096)).isEqualTo(4096);
        assertThat(fixture.cache.usage().corrupted()).isEqualTo(1);
        fixture.putAll(key);
        assertThat(fixture.read(key, 0, 4096)).isEqualTo(4096);
        fixture.audit();
    }

    @Test
    void treatsTruncatedTierFileAsMiss() throws IOException {
        CacheKey key = Contents.key(1, 1, 2L * MIB);
        fixture.putAll(key);
        try (RandomAccessFile file = new RandomAccessFile(largeFile().toFile(), "rw")) {
            file.setLength(MIB);
        }
        assertThat(fixture.read(key, 0, MIB)).isEqualTo(MIB);
        assertThat(fixture.read(key, MIB, MIB)).isEqualTo(-1);
        assertThat(fixture.cache.whole(key)).isNull();
    }

    @Test
    void givesWholeFileOnlyWhenAllIsPresentAndGood() throws IOException {
        CacheKey key = Contents.key(1, 1, 3L * MIB + 1);
        fixture.put(key, 0, MIB);
        assertThat(fixture.cache.whole(key)).isNull();
        fixture.putAll(key);
        try (WholeFile whole = fixture.whole(key)) {
            assertThat(whole.size()).isEqualTo(key.size());
            assertThat(Libc.lseek(whole.fd(), 0, Libc.SEEK_END)).isEqualTo(key.size());
            assertThat(Libc.pread(whole.fd(), fixture.buffer, 0, 4L * MIB, 0)).isEqualTo(key.size());
            assertThat(Libc.pwrite(whole.fd(), fixture.buffer, 0, 1, 0)).isEqualTo(-Errno.EBADF.code());
            assertThat(Contents.mismatch(fixture.buffer, 0, key, 0, (int) key.size()))
                    .isEqualTo(-1);
            assertThat(fixture.tier().heldBytes()).isEqualTo(key.size());
        }
        assertThat(fixture.tier().heldBytes()).isZero();
        fixture.reopen();
        flip(largeFile(), 2L * MIB);
        assertThat(fixture.cache.whole(key)).isNull();
        assertThat(fixture.cache.usage().corrupted()).isEqualTo(1);
        assertThat(fixture.tier().heldBytes()).isZero();
        fixture.put(key, 2L * MIB, SUB);
        try (WholeFile whole = fixture.whole(key)) {
            assertThat(whole.size()).isEqualTo(key.size());
        }
        fixture.audit();
    }

    @Test
    void verifiesWholeFileOnlyOnceUntilItChanges() throws IOException {
        CacheKey key = Contents.key(1, 1, 2L * MIB);
        fixture.putAll(key);
        try (WholeFile whole = fixture.whole(key)) {
            assertThat(whole.size()).isEqualTo(key.size());
        }
        flip(largeFile(), 100);
        try (WholeFile whole = fixture.whole(key)) {
            assertThat(whole.size()).isEqualTo(key.size());
        }
        assertThat(fixture.read(key, 0, 10)).isEqualTo(-1);
        fixture.put(key, 0, SUB);
        flip(largeFile(), 100);
        assertThat(fixture.cache.whole(key)).isNull();
    }

    @Test
    void holdsNoMoreThanItsShare() {
        CacheKey a = Contents.key(1, 1, 20L * MIB);
        CacheKey b = Contents.key(2, 1, 20L * MIB);
        fixture.putAll(a);
        fixture.putAll(b);
        WholeFile first = fixture.whole(a);
        WholeFile again = fixture.whole(a);
        assertThat(fixture.cache.whole(b)).isNull();
        first.close();
        first.close();
        assertThat(fixture.cache.whole(b)).isNull();
        again.close();
        try (WholeFile second = fixture.whole(b)) {
            assertThat(second.size()).isEqualTo(b.size());
        }
    }

    @Test
    void heldFileSurvivesInvalidationUntilClosed() {
        CacheKey key = Contents.key(1, 1, 2L * MIB);
        fixture.putAll(key);
        try (WholeFile whole = fixture.whole(key)) {
            fixture.cache.invalidateFile(key.dataset(), key.fileHi(), key.fileLo());
            assertThat(fixture.cache.whole(key)).isNull();
            assertThat(Libc.pread(whole.fd(), fixture.buffer, 0, 2L * MIB, 0)).isEqualTo(2L * MIB);
            assertThat(Contents.mismatch(fixture.buffer, 0, key, 0, 2 * MIB)).isEqualTo(-1);
        }
        assertThat(fixture.tier().usedBytes()).isZero();
        fixture.audit();
    }

    private Path largeFile() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(fixture.root.resolve("t0"), "f-*")) {
            return files.iterator().next();
        }
    }

    private static void flip(Path path, long position) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(position);
            int b = file.read();
            file.seek(position);
            file.write(b ^ 0x40);
        }
    }
}
