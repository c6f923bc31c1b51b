package io.efc.nfs.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.efc.base.Libc;
import io.efc.base.Sockets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever a server sends, decoders end in a value or in {@link XdrException}, and nothing outside their memory is touched. Each decoder is a Jazzer
 * target; the seeds lie in resources, and {@link #survivesMutatedSeeds} mutates them in the ordinary run as well.
 */
class DecoderFuzzTest {
    private static final int MUTATIONS = 1_000;
    private static final int BYTES_MAX = 32 << 10;
    private static final int GUARD = 64;

    private static XdrReader reader(Arena arena, byte[] data) {
        MemorySegment s = arena.allocate(data.length + 1L, 1);
        MemorySegment.copy(data, 0, s, ValueLayout.JAVA_BYTE, 0, data.length);
        return new XdrReader().wrap(s, 0, data.length);
    }

    private static void decode(byte[] data, Consumer<XdrReader> decoder) {
        try (Arena arena = Arena.ofConfined()) {
            decoder.accept(reader(arena, data));
        } catch (XdrException e) {
            assertThat(e).hasMessageNotContaining("null");
        }
    }

    @FuzzTest(maxDuration = "1m")
    void attributes(byte[] data) {
        decode(data, r -> assertThat(new Nfs4Attributes().decode(r).toAttr()).isNotNull());
    }

    @FuzzTest(maxDuration = "1m")
    void directoryPage(byte[] data) {
        decode(data, r -> assertThat(Nfs4Names.page(r, 10).entries()).hasSizeLessThanOrEqualTo(10));
    }

    @FuzzTest(maxDuration = "1m")
    void directoryPageOfVersion3(byte[] data) {
        decode(data, r -> {
            Nfs3Names.Listing page = new Nfs3Names.Listing(0, 0, 4);
            page.take(r);
            assertThat(page.entries).hasSizeLessThanOrEqualTo(4);
        });
    }

    @FuzzTest(maxDuration = "1m")
    void extendedAttributeNames(byte[] data) {
        decode(data, r -> Nfs4Extras.takeNames(r, new ByteArrayOutputStream(), new boolean[1]));
    }

    @FuzzTest(maxDuration = "1m")
    void replyHead(byte[] data) {
        decode(data, r -> assertThat(RpcMessage.acceptReply(r)).isNotNull());
    }

    @FuzzTest(maxDuration = "1m")
    void records(byte[] data) {
        if (data.length > BYTES_MAX) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            int fd = stream(arena, data);
            try {
                RecordReader records = new RecordReader(arena, BYTES_MAX);
                records.attach(fd);
                MemorySegment to = arena.allocate(1000);
                long total = 0;
                while (true) {
                    records.next();
                    total += 4 + records.read(to, 0, 1000) + records.skipRest();
                    assertThat(total).isLessThanOrEqualTo(data.length);
                }
            } catch (XdrException | RecordReader.EndOfStream e) {
                assertThat(e.getMessage()).isNotEmpty();
            } finally {
                Libc.close(fd);
            }
        }
    }

    /** A READ's reply, from the socket to its place between guards. */
    @FuzzTest(maxDuration = "1m")
    void readReply(byte[] data) {
        if (data.length > BYTES_MAX) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            int fd = stream(arena, data);
            MemorySegment sink = arena.allocate(4096 + 2 * GUARD);
            sink.fill((byte) 0x5a);
            RpcCall call = new RpcCall(arena, 0);
            call.reset();
            call.sink(sink, GUARD, 4096, Nfs4Reads.DATA);
            try {
                RecordReader records = new RecordReader(arena, BYTES_MAX);
                records.attach(fd);
                records.next();
                call.receive(records, false);
                assertThat(call.outcome()).isNotNull();
                assertThat(call.bulkBytes()).isBetween(-1, 4096);
            } catch (XdrException | RecordReader.EndOfStream e) {
                assertThat(e.getMessage()).isNotEmpty();
            } finally {
                Libc.close(fd);
            }
            for (int i = 0; i < GUARD; i++) {
                assertThat(sink.get(ValueLayout.JAVA_BYTE, i)).isEqualTo((byte) 0x5a);
                assertThat(sink.get(ValueLayout.JAVA_BYTE, GUARD + 4096 + i)).isEqualTo((byte) 0x5a);
            }
        }
    }

    /** A socket from which {@code data} comes, and then the end. */
    private static int stream(Arena arena, byte[] data) {
        MemorySegment pair = arena.allocate(8, 4);
        assertThat(Sockets.socketpair(Sockets.AF_UNIX, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0, pair))
                .isZero();
        int to = pair.get(ValueLayout.JAVA_INT, 0);
        MemorySegment from = arena.allocate(data.length + 1L);
        MemorySegment.copy(data, 0, from, ValueLayout.JAVA_BYTE, 0, data.length);
        assertThat(Sockets.send(to, from, 0, data.length, Sockets.MSG_NOSIGNAL)).isEqualTo(data.length);
        Libc.close(to);
        return pair.get(ValueLayout.JAVA_INT, 4);
    }

    /** The targets, for mutation. */
    enum Target {
        ATTRIBUTES("attributes"),
        DIRECTORY_PAGE("directoryPage"),
        DIRECTORY_PAGE_OF_VERSION_3("directoryPageOfVersion3"),
        EXTENDED_ATTRIBUTE_NAMES("extendedAttributeNames"),
        REPLY_HEAD("replyHead"),
        RECORDS("records"),
        READ_REPLY("readReply");

        final String method;

        Target(String method) {
            this.method = method;
        }

        void run(DecoderFuzzTest t, byte[] data) {
            switch (this) {
                case ATTRIBUTES -> t.attributes(data);
                case DIRECTORY_PAGE -> t.directoryPage(data);
                case DIRECTORY_PAGE_OF_VERSION_3 -> t.directoryPageOfVersion3(data);
                case EXTENDED_ATTRIBUTE_NAMES -> t.extendedAttributeNames(data);
                case REPLY_HEAD -> t.replyHead(data);
                case RECORDS -> t.records(data);
                case READ_REPLY -> t.readReply(data);
            }
        }

        List<byte[]> seeds() throws IOException {
            Path directory =
                    Path.of(Objects.requireNonNull(DecoderFuzzTest.class.getResource("DecoderFuzzTestInputs/" + method))
                            .getPath());
            List<byte[]> all = new ArrayList<>();
            try (Stream<Path> files = Files.list(directory)) {
                files.sorted().forEach(f -> {
                    try {
                        all.add(Files.readAllBytes(f));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            }
            assertThat(all).isNotEmpty();
            return all;
        }
    }

    @ParameterizedTest
    @EnumSource
    void survivesMutatedSeeds(Target target) throws IOException {
        long seed = Long.getLong("nfs.seed", 1);
        SplittableRandom random = new SplittableRandom(seed);
        List<byte[]> seeds = target.seeds();
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] data = mutate(seeds.get(random.nextInt(seeds.size())), random);
            try {
                target.run(this, data);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError(
                        "nfs.seed " + seed + ", mutation " + i + ": "
                                + java.util.HexFormat.of().formatHex(data),
                        e);
            }
        }
    }

    private static byte[] mutate(byte[] seed, SplittableRandom random) {
        byte[] data =
                java.util.Arrays.copyOf(seed, random.nextInt(4) == 0 ? random.nextInt(seed.length + 20) : seed.length);
        for (int n = random.nextInt(4); n > 0 && data.length >= 4; n--) {
            int at = random.nextInt(data.length - 3) & ~3;
            byte[] value = {
                (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : 0),
                (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : 0),
                (byte) (random.nextInt(2) == 0 ? random.nextInt(256) : 0),
                (byte) random.nextInt(256)
            };
            System.arraycopy(value, 0, data, at, 4);
        }
        return data;
    }
}
