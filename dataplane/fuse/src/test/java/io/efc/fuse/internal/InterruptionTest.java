package io.efc.fuse.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class InterruptionTest {
    @Test
    void interruptsOnlyTheRequestItNames() {
        Interruption i = new Interruption();
        assertThat(i.interrupt(0)).as("idle").isFalse();
        i.begin(8);
        assertThat(i.interrupt(6)).isFalse();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(i.interrupt(8)).isTrue();
        assertThat(i.interrupted()).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        i.end();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(i.running()).isFalse();
        assertThat(i.interrupt(8)).as("ended").isFalse();
    }

    @Test
    void clearsAFlagThatTheFileSystemSetItself() {
        Interruption i = new Interruption();
        i.begin(8);
        Thread.currentThread().interrupt();
        i.end();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    /** A worker runs through requests while another thread interrupts whichever it sees: no flag may be set between two requests. */
    @Test
    void neverLeaksIntoTheNextRequest() throws InterruptedException {
        Interruption i = new Interruption();
        AtomicLong current = new AtomicLong();
        AtomicBoolean done = new AtomicBoolean();
        AtomicLong hits = new AtomicLong();
        Thread interrupter = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                if (i.interrupt(current.get())) {
                    hits.incrementAndGet();
                }
            }
        });
        long leaks = 0;
        long seen = 0;
        for (long unique = 2; unique < 2_000_000 || hits.get() < 20; unique += 2) {
            if (Thread.currentThread().isInterrupted()) {
                leaks++;
                Thread.interrupted();
            }
            i.begin(unique);
            current.set(unique);
            for (int spin = 0; spin < unique % 7; spin++) {
                Thread.onSpinWait();
            }
            if (i.interrupted()) {
                seen++;
            }
            i.end();
        }
        done.set(true);
        interrupter.join();
        assertThat(leaks).isZero();
        assertThat(seen).as("seen by the request").isPositive().isLessThanOrEqualTo(hits.get());
    }
}
