package io.efc.cli.internal;

import io.efc.base.ByteSize;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** A bar on standard error for long work, drawn only on a terminal and only once the work has taken two seconds. Single-threaded. */
final class Progress implements AutoCloseable {
    private static final long PATIENCE_NANOS = 2_000_000_000;
    private static final long REDRAW_NANOS = 200_000_000;
    private static final int WIDTH = 30;

    private final String what;
    private final long total;
    private final DoubleFunction<String> rate;
    private final boolean terminal = Output.isTerminal();
    private final long began = System.nanoTime();
    private long drawn;
    private boolean visible;

    /** For bytes. */
    Progress(String what, long total) {
        this(what, total, perSecond -> new ByteSize((long) perSecond).toHuman());
    }

    /** For anything that {@code rate} can write so many of. */
    Progress(String what, long total, DoubleFunction<String> rate) {
        this.what = what;
        this.total = Math.max(total, 1);
        this.rate = rate;
    }

    /** So much of the total is done. */
    void at(long done) {
        long now = System.nanoTime();
        if (!terminal || now - began < PATIENCE_NANOS || now - drawn < REDRAW_NANOS) {
            return;
        }
        drawn = now;
        visible = true;
        int filled = (int) (WIDTH * done / total);
        double seconds = (now - began) / 1e9;
        System.err.print(String.format(
                Locale.ROOT,
                "\r\033[K%s [%s%s] %3d%% %s/s",
                what,
                "#".repeat(filled),
                " ".repeat(WIDTH - filled),
                100 * done / total,
                rate.apply(done / seconds)));
        System.err.flush();
    }

    @Override
    public void close() {
        if (visible) {
            System.err.print("\r\033[K");
            System.err.flush();
        }
    }
}
