package io.efc.nfs.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.nfs.NfsConfig;
import io.efc.nfs.NfsException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The operations that make and end a client id and a session (RFC 8881 sections 18.34 to 18.37, 18.50). None of them runs within a session, none is
 * interrupted, and all use whichever connection is up. They return what the server said; the keeper of {@link Nfs4Lease} decides.
 */
final class Nfs4Handshake {
    /**
     * A client id as EXCHANGE_ID gave it.
     *
     * @param sequence of the first CREATE_SESSION
     * @param confirmed the server still has this client's state
     */
    record ClientId(long id, int sequence, boolean confirmed) {}

    /** Either {@code value} or, if the status is not OK, nothing. */
    record Answer<T>(
            NfsStatus status,
            @org.jspecify.annotations.Nullable T value) {}

    private static final int FLAG_USE_NON_PNFS = 0x00010000;
    private static final int FLAG_CONFIRMED = 0x80000000;
    private static final int STATE_PROTECTION_NONE = 0;

    /** CDFC4_FORE and CDFS4_FORE. */
    private static final int DIRECTION_FORE = 1;

    /** RPC head, SEQUENCE, PUTFH, GETATTR and what else surrounds the bulk, generously. */
    static final int ENVELOPE_BYTES = 2048;

    /** Largest metadata request and reply: an xattr's value, a page of a listing. */
    static final int METADATA_BYTES = 128 << 10;

    private static final int CACHED_BYTES = 4096;
    private static final int OPERATIONS = 16;

    /** In the transient range; never called back. */
    private static final int CALLBACK_PROGRAM = 0x40000000;

    private static final int OWNER_BYTES_MAX = 1024;

    private final RpcTransport transport;
    private final Nfs4Lease lease;
    private final NfsConfig config;
    private final byte[] owner = ("efc " + UUID.randomUUID()).getBytes(StandardCharsets.US_ASCII);
    private final long verifier = ThreadLocalRandom.current().nextLong();

    Nfs4Handshake(RpcTransport transport, Nfs4Lease lease, NfsConfig config) {
        this.transport = transport;
        this.lease = lease;
        this.config = config;
    }

    private Nfs4Compound begin(Nfs4Request request) {
        Nfs4Compound c = new Nfs4Compound(transport, lease, null, 0).begin(Credentials.ROOT, request);
        transport.useAnyConnection(c.call());
        c.call().uninterruptible();
        return c;
    }

    /** EXCHANGE_ID: who we are. The same owner and verifier each time, so that a server that kept our state knows us again. */
    Answer<ClientId> exchangeId() {
        Nfs4Compound c = begin(Nfs4Request.EXCHANGE_ID);
        try {
            XdrWriter w = c.op(Nfs4.OP_EXCHANGE_ID);
            w.i64(verifier);
            w.opaque(owner);
            w.i32(FLAG_USE_NON_PNFS);
            w.i32(STATE_PROTECTION_NONE);
            w.i32(0);
            NfsStatus status = c.exchange();
            if (status != NfsStatus.OK) {
                return new Answer<>(status, null);
            }
            XdrReader r = c.result(Nfs4.OP_EXCHANGE_ID);
            long id = r.i64();
            int sequence = r.i32();
            int flags = r.i32();
            int protection = r.i32();
            if (protection != STATE_PROTECTION_NONE) {
                throw new NfsException(Errno.EACCES, "EXCHANGE_ID: the server wants state protection " + protection);
            }
            r.i64();
            r.skipOpaque(OWNER_BYTES_MAX);
            r.skipOpaque(OWNER_BYTES_MAX);
            return new Answer<>(status, new ClientId(id, sequence, (flags & FLAG_CONFIRMED) != 0));
        } catch (XdrException e) {
            throw c.malformed(e);
        } finally {
            c.end();
        }
    }

    /** CREATE_SESSION with a fore channel only: without delegations nobody calls back. */
    Answer<Nfs4Session> createSession(long clientId, int sequence, long incarnation, Runnable needsProbe) {
        Nfs4Compound c = begin(Nfs4Request.CREATE_SESSION);
        try {
            XdrWriter w = c.op(Nfs4.OP_CREATE_SESSION);
            w.i64(clientId);
            w.i32(sequence);
            w.i32(0);
            int request = Math.max(config.writeBytesMax(), METADATA_BYTES) + ENVELOPE_BYTES;
            int response = Math.max(config.readBytesMax(), METADATA_BYTES) + ENVELOPE_BYTES;
            channel(w, request, response, Nfs4Session.SLOTS_MAX);
            channel(w, ENVELOPE_BYTES, ENVELOPE_BYTES, 1);
            w.i32(CALLBACK_PROGRAM);
            w.i32(1);
            w.i32(0);
            NfsStatus status = c.exchange();
            if (status != NfsStatus.OK) {
                return new Answer<>(status, null);
            }
            XdrReader r = c.result(Nfs4.OP_CREATE_SESSION);
            byte[] id = r.opaqueFixed(Nfs4.SESSION_ID_BYTES);
            r.i32();
            r.i32();
            Nfs4Session.Limits limits = channel(r);
            channel(r);
            return new Answer<>(status, new Nfs4Session(id, incarnation, limits, transport, lease, needsProbe));
        } catch (XdrException e) {
            throw c.malformed(e);
        } finally {
            c.end();
        }
    }

    /** channel_attrs4. */
    private static void channel(XdrWriter w, int requestBytes, int responseBytes, int requests) {
        w.i32(0);
        w.i32(requestBytes);
        w.i32(responseBytes);
        w.i32(CACHED_BYTES);
        w.i32(OPERATIONS);
        w.i32(requests);
        w.i32(0);
    }

    private static Nfs4Session.Limits channel(XdrReader r) {
        r.i32();
        int requestBytes = (int) Math.min(r.u32(), Integer.MAX_VALUE);
        int responseBytes = (int) Math.min(r.u32(), Integer.MAX_VALUE);
        r.i32();
        r.i32();
        int requests = Math.clamp(r.u32(), 1, Nfs4Session.SLOTS_MAX);
        r.skip(4 * r.length(1));
        return new Nfs4Session.Limits(requests, requestBytes, responseBytes);
    }

    /** BIND_CONN_TO_SESSION: {@code connection} carries the session's requests. */
    NfsStatus bind(Nfs4Session session, RpcConnection connection) {
        Nfs4Compound c =
                new Nfs4Compound(transport, lease, null, 0).begin(Credentials.ROOT, Nfs4Request.BIND_CONN_TO_SESSION);
        transport.pin(c.call(), connection);
        c.call().uninterruptible();
        try {
            XdrWriter w = c.op(Nfs4.OP_BIND_CONN_TO_SESSION);
            w.opaqueFixed(session.id());
            w.i32(DIRECTION_FORE);
            w.bool(false);
            return c.exchange();
        } finally {
            c.end();
        }
    }

    NfsStatus destroySession(Nfs4Session session) {
        Nfs4Compound c = begin(Nfs4Request.DESTROY_SESSION);
        try {
            c.op(Nfs4.OP_DESTROY_SESSION).opaqueFixed(session.id());
            return c.exchange();
        } finally {
            c.end();
        }
    }

    NfsStatus destroyClientId(long clientId) {
        Nfs4Compound c = begin(Nfs4Request.DESTROY_CLIENTID);
        try {
            c.op(Nfs4.OP_DESTROY_CLIENTID).i64(clientId);
            return c.exchange();
        } finally {
            c.end();
        }
    }
}
