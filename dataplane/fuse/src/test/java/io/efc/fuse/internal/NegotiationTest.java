package io.efc.fuse.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.fuse.FuseConfig;
import io.efc.fuse.FuseFlags;
import io.efc.fuse.FuseNegotiated;
import io.efc.fuse.internal.wire.InitIn;
import io.efc.fuse.internal.wire.InitOut;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NegotiationTest {
    private static final long ALL = 0x7fd_73ff_fffbL;

    private final MemorySegment out = Arena.global().allocate(InitOut.BYTES, 8);
    private final InitOut answer = new InitOut();

    private static FuseConfig config(boolean writeback, boolean passthrough, boolean explicit) {
        return new FuseConfig("x", "efc", false, true, true, 4, 1 << 20, 1 << 17, 64, writeback, passthrough, explicit);
    }

    private FuseNegotiated settled(FuseConfig config, int minor, long offered, int bytes) {
        return Objects.requireNonNull(settle(config, minor, offered, bytes));
    }

    private FuseNegotiated settled(Negotiation negotiation, int minor, long offered, int bytes) {
        return Objects.requireNonNull(settle(negotiation, minor, offered, bytes));
    }

    private @Nullable FuseNegotiated settle(FuseConfig config, int minor, long offered, int bytes) {
        return settle(new Negotiation(config, true, true, 256), minor, offered, bytes);
    }

    private @Nullable FuseNegotiated settle(Negotiation negotiation, int minor, long offered, int bytes) {
        MemorySegment m = Arena.global().allocate(InitIn.BYTES, 8);
        m.set(ValueLayout.JAVA_INT, InitIn.MAJOR, 7);
        m.set(ValueLayout.JAVA_INT, InitIn.MINOR, minor);
        m.set(ValueLayout.JAVA_INT, InitIn.MAX_READAHEAD, 131072);
        m.set(ValueLayout.JAVA_INT, InitIn.FLAGS, (int) offered);
        m.set(ValueLayout.JAVA_INT, InitIn.FLAGS2, (int) (offered >>> 32));
        InitIn in = new InitIn();
        in.wrap(m, 0);
        answer.wrapZeroed(out, 0, InitOut.BYTES);
        return negotiation.answer(in, bytes, answer);
    }

    @Test
    void settlesTheDefaults() {
        FuseNegotiated n = settled(FuseConfig.defaults("x"), 45, ALL, 64);
        assertThat(n)
                .isEqualTo(new FuseNegotiated(
                        45,
                        FuseFlags.ASYNC_READ
                                | FuseFlags.POSIX_LOCKS
                                | FuseFlags.ATOMIC_O_TRUNC
                                | FuseFlags.BIG_WRITES
                                | FuseFlags.FLOCK_LOCKS
                                | FuseFlags.AUTO_INVAL_DATA
                                | FuseFlags.DO_READDIRPLUS
                                | FuseFlags.READDIRPLUS_AUTO
                                | FuseFlags.ASYNC_DIO
                                | FuseFlags.NO_OPEN_SUPPORT
                                | FuseFlags.PARALLEL_DIROPS
                                | FuseFlags.MAX_PAGES
                                | FuseFlags.CACHE_SYMLINKS
                                | FuseFlags.NO_OPENDIR_SUPPORT
                                | FuseFlags.HANDLE_KILLPRIV_V2
                                | FuseFlags.SETXATTR_EXT
                                | FuseFlags.INIT_EXT
                                | FuseFlags.HAS_EXPIRE_ONLY
                                | FuseFlags.DIRECT_IO_ALLOW_MMAP
                                | FuseFlags.PASSTHROUGH
                                | FuseFlags.HAS_RESEND,
                        1 << 20,
                        131072,
                        256,
                        64));
        assertThat(out.get(ValueLayout.JAVA_INT, InitOut.MAX_STACK_DEPTH)).isEqualTo(1);
        assertThat(out.get(ValueLayout.JAVA_SHORT, InitOut.CONGESTION_THRESHOLD))
                .isEqualTo((short) 48);
        assertThat(answer.flags()).isEqualTo(n.flags());
    }

    @Test
    void asksForWritebackInsteadOfPassthrough() {
        FuseNegotiated n = settled(config(true, false, false), 45, ALL, 64);
        assertThat(n.has(FuseFlags.WRITEBACK_CACHE)).isTrue();
        assertThat(n.has(FuseFlags.PASSTHROUGH)).isFalse();
        assertThat(out.get(ValueLayout.JAVA_INT, InitOut.MAX_STACK_DEPTH)).isZero();
    }

    @Test
    void asksForEitherWayOfInvalidation() {
        FuseNegotiated n = settled(config(false, false, true), 45, ALL, 64);
        assertThat(n.has(FuseFlags.EXPLICIT_INVAL_DATA)).isTrue();
        assertThat(n.has(FuseFlags.AUTO_INVAL_DATA)).isFalse();
    }

    @Test
    void settlesOnlyWhatTheKernelOffers() {
        FuseNegotiated n = settled(FuseConfig.defaults("x"), 31, FuseFlags.ASYNC_READ | FuseFlags.SUBMOUNTS, 16);
        assertThat(n.minor()).isEqualTo(31);
        assertThat(n.flags()).isEqualTo(FuseFlags.ASYNC_READ);
    }

    @Test
    void ignoresTheUpperHalfOfAShortMessage() {
        FuseNegotiated n = settled(FuseConfig.defaults("x"), 35, ALL, 16);
        assertThat(n.flags() >>> 30).isZero();
    }

    @Test
    void asksForLocksAndReaddirplusOnlyIfTheFileSystemHasThem() {
        FuseNegotiated n = settled(new Negotiation(FuseConfig.defaults("x"), false, false, 256), 45, ALL, 64);
        assertThat(n.has(FuseFlags.POSIX_LOCKS) || n.has(FuseFlags.FLOCK_LOCKS)).isFalse();
        assertThat(n.has(FuseFlags.DO_READDIRPLUS) || n.has(FuseFlags.READDIRPLUS_AUTO))
                .isFalse();
    }

    @Test
    void boundsRequestsByTheKernelsPageLimit() {
        FuseNegotiated n = settled(new Negotiation(FuseConfig.defaults("x"), true, true, 64), 45, ALL, 64);
        assertThat(n.maxPages()).isEqualTo(64);
        assertThat(n.maxWrite()).isEqualTo(64 * 4096);
    }

    @Test
    void refusesAnOldOrForeignProtocol() {
        assertThat(settle(FuseConfig.defaults("x"), 30, ALL, 64)).isNull();
    }

    @Test
    void knowsItsPageLimit() {
        assertThat(new Negotiation(FuseConfig.defaults("x"), true, true).dataMax() % 4096)
                .isZero();
        assertThat(new Negotiation(FuseConfig.defaults("x"), true, true).dataMax())
                .as("with the default sysctl")
                .isEqualTo(1 << 20);
    }

    @Test
    void travelsAsBytes() {
        FuseNegotiated n = new FuseNegotiated(1, 2L << 40, 3, 4, 5, 6);
        assertThat(FuseNegotiated.ofBytes(n.toBytes())).isEqualTo(n);
        assertThat(n.toBytes()).hasSize(FuseNegotiated.BYTES);
    }
}
