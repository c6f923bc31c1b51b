package io.efc.fuse.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.fuse.FuseOpcode;
import io.efc.fuse.MemoryFileSystem;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random and mutated messages: each is answered at most once, with a well-formed reply, and the server lives on. */
class FuzzTest {
    private static final int MESSAGES = 30_000;

    static LongStream seeds() {
        String seed = System.getProperty("fuse.seed");
        return seed == null ? LongStream.rangeClosed(1, 4) : LongStream.of(Long.parseLong(seed));
    }

    /** Without operations that wait. */
    private static final class Fs extends MemoryFileSystem {
        private final Set<FuseOpcode> operations = EnumSet.copyOf(super.operations());

        Fs() {
            operations.remove(FuseOpcode.SETLKW);
            addFile("a", new byte[100]);
            addFile("b", new byte[10_000]);
        }

        @Override
        public Set<FuseOpcode> operations() {
            return operations;
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void survives(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        java.util.logging.Logger log = java.util.logging.Logger.getLogger(Dispatcher.class.getName());
        java.util.logging.Level before = log.getLevel();
        log.setLevel(java.util.logging.Level.OFF);
        try {
            Kernel kernel = new Kernel(new Fs());
            for (int i = 0; i < MESSAGES; i++) {
                byte[] m = message(random, 2L * i + 2);
                kernel.send(m);
                assertThat(kernel.device.replies).as("message %d", i).hasSizeLessThanOrEqualTo(1);
                if (kernel.hasReply()) {
                    Message.Reply r = kernel.reply();
                    assertThat(r.unique())
                            .isEqualTo(ByteBuffer.wrap(m)
                                    .order(ByteOrder.nativeOrder())
                                    .getLong(8));
                    assertThat(r.errno()).isBetween(0, 133);
                    assertThat(r.errno() == 0 || r.length() == 16).isTrue();
                }
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
            assertThat(kernel.call(Message.of(FuseOpcode.LOOKUP, 2, 1)
                                    .name("absent")
                                    .build())
                            .errno())
                    .isPositive();
        } finally {
            log.setLevel(before);
        }
    }

    private static byte[] message(SplittableRandom random, long unique) {
        int body = random.nextInt(4) == 0 ? random.nextInt(5000) : random.nextInt(120);
        byte[] bytes = new byte[40 + body];
        random.nextBytes(bytes);
        ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        b.putInt(0, bytes.length);
        b.putInt(4, random.nextInt(8) == 0 ? random.nextInt() : opcode(random));
        b.putLong(8, unique);
        if (random.nextInt(3) > 0) {
            b.putLong(16, 1 + random.nextInt(4));
        }
        b.putShort(36, (short) (random.nextInt(10) == 0 ? random.nextInt(20) : 0));
        small(random, b);
        for (int i = 0; i < random.nextInt(4) && body > 0; i++) {
            bytes[40 + random.nextInt(body)] = 0;
        }
        if (random.nextInt(20) == 0) {
            b.putInt(0, random.nextInt());
        }
        if (random.nextInt(50) == 0) {
            return java.util.Arrays.copyOf(bytes, random.nextInt(40) + 16);
        }
        return bytes;
    }

    private static int opcode(SplittableRandom random) {
        int code;
        do {
            code = random.nextInt(64);
        } while (code == FuseOpcode.INTERRUPT.code() && random.nextInt(50) != 0);
        return code;
    }

    /** Makes some fields small numbers, so that checks behind the first are reached. */
    private static void small(SplittableRandom random, ByteBuffer b) {
        for (int at = 40; at + 8 <= Math.min(b.limit(), 104); at += 8) {
            switch (random.nextInt(3)) {
                case 0 -> b.putLong(at, random.nextInt(5));
                case 1 -> b.putInt(at, random.nextInt(100)).putInt(at + 4, random.nextInt(3));
                default -> {}
            }
        }
    }
}
