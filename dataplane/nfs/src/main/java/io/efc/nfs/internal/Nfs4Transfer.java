package io.efc.nfs.internal;

import io.efc.base.Credentials;
import io.efc.nfs.NfsException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * One read or write of any length, in the thread that called it: cut into requests of what the server takes, several of which are in flight at once;
 * carried on behind the last good byte after whatever interrupted it (a lost session, a revoked state, a short answer).
 */
abstract class Nfs4Transfer {
    /** Requests of one transfer in flight at once. */
    private static final int WINDOW = 16;

    final Nfs4Lease lease;
    final Credentials caller;
    final byte[] handle;
    final @Nullable Nfs4OpenFile file;
    final long position;
    final MemorySegment memory;
    final long memoryOffset;
    final int length;
    private final Nfs4Request request;
    private final int requestBytesMax;
    private byte[] stateid = Nfs4Stateids.ANONYMOUS;
    private @Nullable Nfs4Session session;
    private NfsStatus status = NfsStatus.OK;

    /** Bytes transferred, from the start without a gap. */
    int done;

    /** There is nothing behind {@link #done}. */
    boolean end;

    Nfs4Transfer(
            Nfs4Lease lease,
            Nfs4Request request,
            int requestBytesMax,
            Credentials caller,
            byte[] handle,
            @Nullable Nfs4OpenFile file,
            Range range) {
        this.lease = lease;
        this.request = request;
        this.requestBytesMax = requestBytesMax;
        this.caller = caller;
        this.handle = handle;
        this.file = file;
        this.position = range.position();
        this.memory = range.memory();
        this.memoryOffset = range.memoryOffset();
        this.length = range.length();
    }

    /** Where in the file, and where in memory. */
    record Range(long position, MemorySegment memory, long memoryOffset, int length) {}

    /** Encodes the request for {@code n} bytes from {@code at} on. {@code only}: the transfer is this one request. */
    abstract void encode(Nfs4Compound c, byte[] stateid, int at, int n, boolean only);

    /** Decodes a good reply to a request for {@code wanted} bytes from {@link #done} on, and moves that on; false if it is shorter. */
    abstract boolean decode(Nfs4Compound c, int wanted, boolean only);

    /** Transfers everything, or up to {@link #end}. */
    void run(Nfs4Opens opens) {
        int attempt = 0;
        do {
            int before = done;
            if (file != null) {
                stateid = file.stateid();
            }
            status = NfsStatus.OK;
            if (length - done <= requestBytesMax) {
                single();
            } else {
                windowed();
            }
            if (status == NfsStatus.OK) {
                continue;
            }
            attempt = done > before ? 0 : attempt + 1;
            Nfs4Session in = session;
            if (in != null && lease.handled(in, status, attempt, true)) {
                continue;
            }
            if (file == null) {
                throw Nfs4Lease.failure(request, status);
            }
            opens.onStatus(file, stateid, request, status, attempt);
        } while (status != NfsStatus.OK || (done < length && !end));
    }

    private void single() {
        int n = length - done;
        Nfs4Compound c = lease.begin(caller, request, true);
        try {
            send(c, done, n, done == 0);
            receive(c, n, done == 0);
        } finally {
            c.end();
        }
    }

    private void windowed() {
        int base = done;
        int chunks = (length - base + requestBytesMax - 1) / requestBytesMax;
        Nfs4Compound[] window = new Nfs4Compound[Math.min(chunks, WINDOW)];
        int sent = 0;
        int received = 0;
        boolean good = true;
        try {
            while (received < sent || (good && sent < chunks)) {
                while (good && sent < chunks && sent - received < window.length) {
                    Nfs4Compound c =
                            sent == received ? lease.begin(caller, request, true) : lease.tryBegin(caller, request);
                    if (c == null) {
                        break;
                    }
                    window[sent % window.length] = c;
                    int at = base + sent * requestBytesMax;
                    sent++;
                    send(c, at, Math.min(requestBytesMax, length - at), false);
                }
                Nfs4Compound c = window[received % window.length];
                if (good) {
                    good = receive(c, Math.min(requestBytesMax, length - base - received * requestBytesMax), false);
                } else {
                    c.await();
                }
                c.end();
                received++;
            }
        } finally {
            drain(window, received, sent);
        }
    }

    /** Ends what is still in flight after a failure, waiting for it unless the thread is interrupted. */
    private static void drain(Nfs4Compound[] window, int received, int sent) {
        for (int i = received; i < sent; i++) {
            Nfs4Compound c = window[i % window.length];
            try {
                if (c.isSent()) {
                    c.await();
                }
            } catch (NfsException e) {
                // The first failure is on its way to the caller; this one's reply has no reader any more.
            } finally {
                c.end();
            }
        }
    }

    private void send(Nfs4Compound c, int at, int n, boolean only) {
        session = c.session();
        c.putFh(handle);
        encode(c, stateid, at, n, only);
        c.send();
    }

    private boolean receive(Nfs4Compound c, int wanted, boolean only) {
        NfsStatus answer = c.await();
        if (answer != NfsStatus.OK) {
            status = answer;
            return false;
        }
        try {
            c.result(Nfs4.OP_PUTFH);
            return decode(c, wanted, only);
        } catch (XdrException e) {
            throw c.malformed(e);
        }
    }
}
