package io.efc.fuse.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.efc.base.Metrics;
import io.efc.base.Ticker;
import io.efc.fuse.FuseConfig;
import io.efc.fuse.FuseFileSystem;
import io.efc.fuse.FuseNegotiated;
import io.efc.fuse.FuseOpcode;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;

/** A dispatcher driven on the calling thread with byte arrays. */
final class Kernel {
    static final FuseConfig CONFIG = FuseConfig.defaults("test");

    final ArrayDevice device = new ArrayDevice();
    final Metrics metrics = new Metrics();
    final Negotiation negotiation;
    final Dispatcher dispatcher;
    final Exchange exchange = new Exchange(Buffers.map(1 << 20));

    Kernel(FuseFileSystem fs, FuseNegotiated negotiated) {
        negotiation = new Negotiation(CONFIG, true, true, 256);
        dispatcher = new Dispatcher(device, fs, negotiated, negotiation, metrics, Ticker.system());
        dispatcher.inFlight().add(exchange);
    }

    Kernel(FuseFileSystem fs) {
        this(fs, new FuseNegotiated(45, -1L, 1 << 20, 1 << 20, 256, 64));
    }

    /** Serves a message that may or may not be answered. */
    void send(byte[] message) {
        Buffers b = exchange.buffers();
        MemorySegment.copy(message, 0, b.request(), JAVA_BYTE, b.requestAt(), message.length);
        dispatcher.serve(exchange, message.length);
    }

    Message.Reply call(Message message) {
        return call(message.build());
    }

    Message.Reply call(byte[] message) {
        send(message);
        return reply();
    }

    /** The next reply, waiting for it. */
    Message.Reply reply() {
        try {
            byte[] raw = device.replies.poll(10, TimeUnit.SECONDS);
            Assertions.assertThat(raw).as("reply").isNotNull();
            Message.Reply r = Message.Reply.of(raw);
            Assertions.assertThat(r.length()).isEqualTo(raw.length);
            return r;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    boolean hasReply() {
        return !device.replies.isEmpty();
    }

    long count(String name, FuseOpcode opcode) {
        return metrics.counter(name, "", "op", opcode.name().toLowerCase(java.util.Locale.ROOT))
                .value();
    }
}
