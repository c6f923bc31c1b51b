package io.efc.fuse.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.efc.base.Check;
import io.efc.base.Errno;
import io.efc.base.Metrics;
import io.efc.base.Ticker;
import io.efc.fuse.AttrReply;
import io.efc.fuse.DataReply;
import io.efc.fuse.EntryReply;
import io.efc.fuse.FuseName;
import io.efc.fuse.FuseNegotiated;
import io.efc.fuse.FuseOpcode;
import io.efc.fuse.FuseRequest;
import io.efc.fuse.MemoryFileSystem;
import io.efc.fuse.WriteArgs;
import io.efc.fuse.WriteReply;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The hot path allocates nothing: measured, not reviewed. */
class AllocationTest {
    private static final int ROUNDS = 20_000;

    private static final class Sink implements Device {
        private long bytes;

        @Override
        public long read(MemorySegment to, long offset, long length) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(MemorySegment from, long offset, long length) {
            bytes += from.get(JAVA_BYTE, offset) + length;
            return length;
        }

        @Override
        public long writev(MemorySegment iovec, int count) {
            bytes += count;
            return 1;
        }

        @Override
        public int ioctl(long command, long argument) {
            return 0;
        }
    }

    private static final class Still extends MemoryFileSystem {
        private static final byte[] NAME = {'n', 'a', 'm', 'e'};

        private final MemorySegment data = Arena.global().allocate(4096);
        private final Runnable counter = this::released;
        private long forgets;
        private long releases;

        private void released() {
            releases++;
        }

        @Override
        public synchronized Errno lookup(FuseRequest request, long parent, FuseName name, EntryReply reply) {
            Check.state(name.contentEquals(NAME) && name.hash64() != 0 && request.uid() == 1000, "name");
            reply.nodeId(2)
                    .entryValidNanos(1)
                    .attrValidNanos(1)
                    .attr()
                    .mode(0100644)
                    .mtime(5);
            return Errno.OK;
        }

        @Override
        public synchronized Errno getattr(FuseRequest request, long nodeId, long fh, AttrReply reply) {
            reply.validNanos(1).attr().mode(0100644).size(7);
            return Errno.OK;
        }

        @Override
        public synchronized Errno read(
                FuseRequest request, long nodeId, long fh, long offset, int size, DataReply reply) {
            if (offset == 0) {
                MemorySegment.copy(data, 0, reply.buffer(), reply.bufferOffset(), size);
                reply.length(size);
            } else {
                reply.add(data, 0, size / 2);
                reply.add(data, size / 2, size / 2);
                reply.onWritten(counter);
            }
            return Errno.OK;
        }

        @Override
        public synchronized Errno write(FuseRequest request, long nodeId, long fh, WriteArgs args, WriteReply reply) {
            MemorySegment.copy(request.data(), request.dataOffset(), data, 0, args.size());
            reply.value(args.size());
            return Errno.OK;
        }

        @Override
        public synchronized void forget(long nodeId, long nlookup) {
            forgets += nlookup;
        }
    }

    @Test
    void servesTheHotOperationsWithoutAllocating() {
        Still fs = new Still();
        Sink sink = new Sink();
        FuseNegotiated negotiated = new FuseNegotiated(45, -1L, 1 << 20, 1 << 20, 256, 64);
        Dispatcher dispatcher = new Dispatcher(
                sink, fs, negotiated, new Negotiation(Kernel.CONFIG, true, true, 256), new Metrics(), Ticker.system());
        Exchange x = new Exchange(Buffers.map(1 << 20));
        byte[][] messages = {
            Message.of(FuseOpcode.LOOKUP, 2, 1).name("name").build(),
            Message.of(FuseOpcode.GETATTR, 4, 2).u64(0).u64(0).build(),
            read(0),
            read(4096),
            Message.of(FuseOpcode.WRITE, 8, 2)
                    .u64(0)
                    .u64(0)
                    .u32(4096)
                    .u32(0)
                    .u64(0)
                    .u64(0)
                    .bytes(new byte[4096])
                    .build(),
            Message.of(FuseOpcode.FORGET, 10, 2).u64(1).build(),
        };
        for (int i = 0; i < 3; i++) {
            run(dispatcher, x, messages);
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        run(dispatcher, x, messages);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(sink.bytes).isGreaterThan(0);
        assertThat(fs.releases).isEqualTo(4L * ROUNDS);
        assertThat(fs.forgets).isEqualTo(4L * ROUNDS);
        assertThat(allocated)
                .as("bytes allocated by %d requests", ROUNDS * messages.length)
                .isLessThan(ROUNDS);
    }

    private static byte[] read(long offset) {
        return Message.of(FuseOpcode.READ, 6, 2)
                .u64(0)
                .u64(offset)
                .u32(4096)
                .u32(0)
                .u64(0)
                .u64(0)
                .build();
    }

    private static void run(Dispatcher dispatcher, Exchange x, byte[][] messages) {
        Buffers b = x.buffers();
        for (int i = 0; i < ROUNDS; i++) {
            for (byte[] m : messages) {
                MemorySegment.copy(m, 0, b.request(), JAVA_BYTE, b.requestAt(), m.length);
                dispatcher.serve(x, m.length);
            }
        }
    }
}
