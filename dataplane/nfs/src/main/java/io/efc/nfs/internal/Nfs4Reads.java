package io.efc.nfs.internal;

import io.efc.base.Check;
import io.efc.base.Credentials;
import io.efc.nfs.NfsReadResult;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** READ (RFC 8881 section 18.22): the data of each reply is received straight into its place in the caller's segment. */
final class Nfs4Reads {
    /** READ's place in the reply: what the reader thread needs. */
    static final BulkLocator DATA = Nfs4Reads::locate;

    /** SEQUENCE4resok: session id and five ints. */
    private static final int SEQUENCE_BYTES = Nfs4.SESSION_ID_BYTES + 20;

    private final Nfs4Lease lease;
    private final Nfs4Opens opens;
    private final int readBytesMax;

    Nfs4Reads(Nfs4Lease lease, Nfs4Opens opens, int readBytesMax) {
        this.lease = lease;
        this.opens = opens;
        this.readBytesMax = readBytesMax;
    }

    int readBytesMax() {
        return readBytesMax;
    }

    private static final class Transfer extends Nfs4Transfer {
        Transfer(
                Nfs4Lease lease,
                int requestBytesMax,
                Credentials caller,
                byte[] handle,
                @Nullable Nfs4OpenFile file,
                Range range) {
            super(lease, Nfs4Request.READ, requestBytesMax, caller, handle, file, range);
        }

        @Override
        void encode(Nfs4Compound c, byte[] stateid, int at, int n, boolean only) {
            XdrWriter w = c.op(Nfs4.OP_READ);
            c.putStateid(0, stateid);
            w.i64(position + at);
            w.i32(n);
            c.call().sink(memory, memoryOffset + at, n, DATA);
        }

        @Override
        boolean decode(Nfs4Compound c, int wanted, boolean only) {
            XdrReader r = c.result(Nfs4.OP_READ);
            boolean eof = r.bool();
            int n = r.length(wanted);
            if (n != c.call().bulkBytes()) {
                throw new XdrException(
                        "READ of " + n + " bytes brought " + c.call().bulkBytes());
            }
            if (n == 0 && !eof && wanted > 0) {
                throw new XdrException("READ of nothing before the end of the file");
            }
            done += n;
            end |= eof;
            return n == wanted && !eof;
        }
    }

    /** {@code file} is null for a read without an open file. */
    NfsReadResult read(Credentials caller, byte[] handle, @Nullable Nfs4OpenFile file, Nfs4Transfer.Range range) {
        MemorySegment to = range.memory();
        Check.range(range.memoryOffset(), range.length(), to.byteSize());
        Transfer t = new Transfer(lease, readBytesMax, caller, handle, file, range);
        t.run(opens);
        return new NfsReadResult(t.done, t.end, null);
    }

    private static int locate(XdrReader r) {
        if (r.i32() != 0) {
            return BulkLocator.NONE;
        }
        r.skipOpaque(BulkLocator.HEAD_BYTES);
        if (r.i32() < 3) {
            throw new XdrException("a reply without READ");
        }
        expect(r, Nfs4.OP_SEQUENCE);
        r.skip(SEQUENCE_BYTES);
        expect(r, Nfs4.OP_PUTFH);
        expect(r, Nfs4.OP_READ);
        r.bool();
        return r.length(Integer.MAX_VALUE);
    }

    private static void expect(XdrReader r, int operation) {
        int op = r.i32();
        if (op != operation || r.i32() != 0) {
            throw new XdrException("operation " + op + " instead of a good " + operation);
        }
    }
}
