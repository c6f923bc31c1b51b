package io.efc.nfs.internal;

import io.efc.base.Check;
import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.nfs.NfsAttr;
import io.efc.nfs.NfsException;
import io.efc.nfs.NfsStability;
import io.efc.nfs.NfsWriteResult;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * WRITE and COMMIT (RFC 8881 sections 18.32 and 18.3). The payload goes from the caller's segment to the socket; a copy of it is kept in {@link
 * UnstableWrites} if the server has it in memory only.
 */
final class Nfs4Writes {
    private final Nfs4Lease lease;
    private final Nfs4Opens opens;
    private final int writeBytesMax;

    Nfs4Writes(Nfs4Lease lease, Nfs4Opens opens, int writeBytesMax) {
        this.lease = lease;
        this.opens = opens;
        this.writeBytesMax = writeBytesMax;
    }

    int writeBytesMax() {
        return writeBytesMax;
    }

    private static final class Transfer extends Nfs4Transfer {
        final @Nullable UnstableWrites keep;
        int chunksTaken;
        boolean stable = true;

        @Nullable
        NfsAttr attr;

        /** {@code keep} takes the copies; null writes with FILE_SYNC. */
        Transfer(
                Nfs4Lease lease,
                int requestBytesMax,
                Credentials caller,
                Nfs4OpenFile file,
                Range range,
                @Nullable UnstableWrites keep) {
            super(lease, Nfs4Request.WRITE, requestBytesMax, caller, file.handle(), file, range);
            this.keep = keep;
        }

        @Override
        void encode(Nfs4Compound c, byte[] stateid, int at, int n, boolean only) {
            XdrWriter w = c.op(Nfs4.OP_WRITE);
            c.putStateid(0, stateid);
            w.i64(position + at);
            w.i32(keep == null ? Nfs4.STABLE_FILE_SYNC : Nfs4.STABLE_UNSTABLE);
            c.call().payload(memory, memoryOffset + at, n);
            if (only) {
                c.getattr(Nfs4Attributes.STAT);
            }
        }

        @Override
        boolean decode(Nfs4Compound c, int wanted, boolean only) {
            XdrReader r = c.result(Nfs4.OP_WRITE);
            int n = r.length(wanted);
            int committed = r.i32();
            long verifier = c.session().verifier(r.i64());
            if (n == 0 && wanted > 0) {
                throw new XdrException("WRITE of nothing");
            }
            if (only) {
                attr = c.attributes(new Nfs4Attributes()).toAttr();
            }
            if (committed == Nfs4.STABLE_UNSTABLE) {
                if (keep == null) {
                    throw new XdrException("WRITE did less than it was told");
                }
                stable = false;
                chunksTaken += keep.append(position + done, memory, memoryOffset + done, n, verifier);
            }
            done += n;
            return n == wanted;
        }
    }

    NfsWriteResult write(Credentials caller, Nfs4OpenFile file, Nfs4Transfer.Range range, NfsStability stability) {
        int length = range.length();
        Check.range(range.memoryOffset(), length, range.memory().byteSize());
        UnstableWrites unstable = file.unstable();
        if (unstable == null) {
            throw new NfsException(Errno.EBADF, "WRITE to a file opened for reading");
        }
        boolean wanted = stability == NfsStability.UNSTABLE;
        unstable.beginWrite();
        boolean keep = wanted && unstable.reserve(length);
        if (wanted && !keep) {
            unstable.endWrite();
            commit(caller, file);
            unstable.beginWrite();
            keep = unstable.reserve(length);
        }
        Transfer t = new Transfer(lease, writeBytesMax, caller, file, range, keep ? unstable : null);
        try {
            t.run(opens);
        } finally {
            if (keep) {
                unstable.cancel(length, t.chunksTaken);
            }
            unstable.endWrite();
        }
        return new NfsWriteResult(length, t.stable, t.attr);
    }

    /** Has all unstable writes to the file on stable storage. */
    void commit(Credentials caller, Nfs4OpenFile file) {
        commit(caller, file, () -> {});
    }

    /** As above, and runs {@code then} before anyone writes again. */
    void commit(Credentials caller, Nfs4OpenFile file, Runnable then) {
        UnstableWrites unstable = file.unstable();
        if (unstable == null) {
            then.run();
            return;
        }
        unstable.commit(wire(caller, file), then);
    }

    private UnstableWrites.Wire wire(Credentials caller, Nfs4OpenFile file) {
        return new UnstableWrites.Wire() {
            @Override
            public long commit() {
                return lease.run(
                        caller,
                        Nfs4Request.COMMIT,
                        c -> {
                            XdrWriter w = c.putFh(file.handle()).op(Nfs4.OP_COMMIT);
                            w.i64(0);
                            w.i32(0);
                        },
                        c -> {
                            c.result(Nfs4.OP_PUTFH);
                            return c.session().verifier(c.result(Nfs4.OP_COMMIT).i64());
                        });
            }

            @Override
            public void writeSync(long position, MemorySegment from, long offset, int length) {
                new Transfer(
                                lease,
                                writeBytesMax,
                                caller,
                                file,
                                new Nfs4Transfer.Range(position, from, offset, length),
                                null)
                        .run(opens);
            }
        };
    }
}
