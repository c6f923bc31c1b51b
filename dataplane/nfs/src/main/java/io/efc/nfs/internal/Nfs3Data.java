package io.efc.nfs.internal;

import io.efc.base.Check;
import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.nfs.NfsAttr;
import io.efc.nfs.NfsException;
import io.efc.nfs.NfsReadResult;
import io.efc.nfs.NfsStability;
import io.efc.nfs.NfsWriteResult;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * READ, WRITE and COMMIT (RFC 1813 sections 3.3.6, 3.3.7, 3.3.21). A transfer of more bytes than one request holds goes out as several requests in
 * flight, up to {@value #WINDOW}; their results count up to the first that is short, and what is missing is asked for again. Data moves between socket
 * and the caller's segment without a copy.
 */
final class Nfs3Data {
    private static final int WINDOW = 16;

    /** READ's place in the reply: what the reader thread needs. */
    private static final BulkLocator DATA = Nfs3Data::locate;

    private final Nfs3Calls calls;
    private final int readBytesMax;
    private final int writeBytesMax;

    Nfs3Data(Nfs3Calls calls, int readBytesMax, int writeBytesMax) {
        this.calls = calls;
        this.readBytesMax = readBytesMax;
        this.writeBytesMax = writeBytesMax;
    }

    int readBytesMax() {
        return readBytesMax;
    }

    int writeBytesMax() {
        return writeBytesMax;
    }

    /** A transfer under way: the bytes from its start that are done. */
    private abstract class Transfer {
        final Credentials caller;
        final Nfs3Procedure procedure;
        final byte[] handle;
        final long position;
        final MemorySegment memory;
        final long offset;
        final int length;
        int done;
        boolean finished;

        @Nullable
        NfsAttr attr;

        Transfer(
                Credentials caller,
                Nfs3Procedure procedure,
                byte[] handle,
                long position,
                MemorySegment memory,
                long offset,
                int length) {
            Check.range(offset, length, memory.byteSize());
            this.caller = caller;
            this.procedure = procedure;
            this.handle = handle;
            this.position = position;
            this.memory = memory;
            this.offset = offset;
            this.length = length;
        }

        /** The most bytes of one request. */
        abstract int piece();

        /** Encodes the arguments for {@code n} bytes from {@code at} of the transfer on. */
        abstract void put(RpcCall call, int at, int n);

        /** Decodes the results of a request for {@code wanted} bytes that follow {@link #done}; false if they were fewer. */
        abstract boolean take(RpcCall call, int wanted);

        final void run() {
            for (int attempt = 0; !finished && (done < length || length == 0); ) {
                int before = done;
                if (round()) {
                    attempt = 0;
                } else {
                    attempt = done > before ? 0 : attempt + 1;
                    calls.pause(procedure, attempt);
                }
            }
        }

        /** One pass over what is missing; false if the server asked for patience. */
        private boolean round() {
            int base = done;
            int pieces = Math.max(1, (length - base + piece() - 1) / piece());
            RpcCall[] window = new RpcCall[Math.min(pieces, WINDOW)];
            int sent = 0;
            int received = 0;
            boolean good = true;
            boolean patient = true;
            try {
                while (received < sent || (good && sent < pieces)) {
                    while (good && sent < pieces && sent - received < window.length) {
                        int at = base + sent * piece();
                        window[sent % window.length] = send(at, Math.min(piece(), length - at));
                        sent++;
                    }
                    RpcCall call = window[received % window.length];
                    int wanted = Math.min(piece(), length - base - received * piece());
                    received++;
                    try {
                        calls.transport().await(call);
                        if (good) {
                            patient = isAnswered(call);
                            good = patient && take(call, wanted);
                        }
                    } finally {
                        calls.transport().end(call);
                    }
                }
                return patient;
            } catch (XdrException e) {
                throw Nfs3Calls.malformed(procedure, e);
            } finally {
                drain(window, received, sent);
            }
        }

        /** False if the server asks for patience. */
        private boolean isAnswered(RpcCall call) {
            NfsStatus status = Nfs3Calls.status(procedure, call);
            if (status != NfsStatus.OK && status != NfsStatus.DELAY) {
                throw Nfs3Calls.failure(procedure, status);
            }
            return status == NfsStatus.OK;
        }

        private RpcCall send(int at, int n) {
            RpcCall call = calls.begin(caller, procedure);
            boolean sent = false;
            try {
                put(call, at, n);
                calls.transport().send(call);
                sent = true;
                return call;
            } finally {
                if (!sent) {
                    calls.transport().end(call);
                }
            }
        }

        /** Ends what is still in flight after a failure, waiting for it unless the thread is interrupted: its memory is the caller's. */
        private void drain(RpcCall[] window, int received, int sent) {
            for (int i = received; i < sent; i++) {
                RpcCall call = window[i % window.length];
                try {
                    calls.transport().await(call);
                } catch (NfsException e) {
                    // The first failure is on its way to the caller; this one's reply has no reader any more.
                } finally {
                    calls.transport().end(call);
                }
            }
        }
    }

    private final class Read extends Transfer {
        boolean eof;

        Read(Credentials caller, byte[] handle, long position, MemorySegment to, long offset, int length) {
            super(caller, Nfs3Procedure.READ, handle, position, to, offset, length);
        }

        @Override
        int piece() {
            return readBytesMax;
        }

        @Override
        void put(RpcCall call, int at, int n) {
            call.args().opaque(handle);
            call.args().i64(position + at);
            call.args().i32(n);
            call.sink(memory, offset + at, n, DATA);
        }

        @Override
        boolean take(RpcCall call, int wanted) {
            XdrReader r = call.reply();
            attr = Nfs3Codec.postOpAttr(r);
            int n = r.length(wanted);
            eof = r.bool();
            if (r.length(wanted) != n || n != call.bulkBytes()) {
                throw new XdrException("READ of " + n + " bytes brought " + call.bulkBytes());
            }
            if (n == 0 && !eof && wanted > 0) {
                throw new XdrException("READ of nothing before the end of the file");
            }
            done += n;
            finished = eof || length == 0;
            return n == wanted && !eof;
        }
    }

    private final class Write extends Transfer {
        final @Nullable UnstableWrites keep;
        boolean stable = true;
        int chunksTaken;

        Write(
                Credentials caller,
                byte[] handle,
                long position,
                MemorySegment from,
                long offset,
                int length,
                @Nullable UnstableWrites keep) {
            super(caller, Nfs3Procedure.WRITE, handle, position, from, offset, length);
            this.keep = keep;
        }

        @Override
        int piece() {
            return writeBytesMax;
        }

        @Override
        void put(RpcCall call, int at, int n) {
            call.args().opaque(handle);
            call.args().i64(position + at);
            call.args().i32(n);
            call.args().i32(keep == null ? Nfs3.STABLE_FILE_SYNC : Nfs3.STABLE_UNSTABLE);
            call.payload(memory, offset + at, n);
        }

        @Override
        boolean take(RpcCall call, int wanted) {
            XdrReader r = call.reply();
            attr = Nfs3Codec.wcc(r);
            int n = r.length(wanted);
            int committed = r.i32();
            long verifier = r.i64();
            if (n == 0 && wanted > 0) {
                throw new XdrException("WRITE of nothing");
            }
            if (committed == Nfs3.STABLE_UNSTABLE) {
                if (keep == null) {
                    throw new XdrException("WRITE did less than it was told");
                }
                stable = false;
                chunksTaken += keep.append(position + done, memory, offset + done, n, verifier);
            }
            done += n;
            finished = length == 0;
            return n == wanted;
        }
    }

    NfsReadResult read(Credentials caller, byte[] handle, long position, MemorySegment to, long toOffset, int length) {
        Read read = new Read(caller, handle, position, to, toOffset, length);
        read.run();
        return new NfsReadResult(read.done, read.eof, read.attr);
    }

    private static int locate(XdrReader r) {
        if (r.i32() != 0) {
            return BulkLocator.NONE;
        }
        Nfs3Codec.skipPostOpAttr(r);
        r.i32();
        r.bool();
        return r.length(Integer.MAX_VALUE);
    }

    NfsWriteResult write(
            Credentials caller,
            Nfs3OpenFile file,
            long position,
            MemorySegment from,
            long fromOffset,
            int length,
            NfsStability stability) {
        UnstableWrites unstable = file.unstable();
        if (unstable == null) {
            throw new NfsException(Errno.EBADF, "WRITE to a file opened for reading");
        }
        Check.range(fromOffset, length, from.byteSize());
        unstable.beginWrite();
        boolean keep = stability == NfsStability.UNSTABLE && unstable.reserve(length);
        if (stability == NfsStability.UNSTABLE && !keep) {
            unstable.endWrite();
            commit(caller, file.handle(), unstable, () -> {});
            unstable.beginWrite();
            keep = unstable.reserve(length);
        }
        Write write = new Write(caller, file.handle(), position, from, fromOffset, length, keep ? unstable : null);
        try {
            write.run();
        } finally {
            if (keep) {
                unstable.cancel(length, write.chunksTaken);
            }
            unstable.endWrite();
        }
        return new NfsWriteResult(length, write.stable, write.attr);
    }

    /** Has everything written to the file on stable storage, and runs {@code then} before anyone writes to it again. */
    void commit(Credentials caller, byte[] handle, UnstableWrites unstable, Runnable then) {
        unstable.commit(
                new UnstableWrites.Wire() {
                    @Override
                    public long commit() {
                        return calls.run(
                                caller,
                                Nfs3Procedure.COMMIT,
                                w -> {
                                    w.opaque(handle);
                                    w.i64(0);
                                    w.i32(0);
                                },
                                r -> {
                                    Nfs3Codec.wcc(r);
                                    return r.i64();
                                });
                    }

                    @Override
                    public void writeSync(long position, MemorySegment from, long offset, int length) {
                        new Write(caller, handle, position, from, offset, length, null).run();
                    }
                },
                then);
    }
}
