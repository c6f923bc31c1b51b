package io.efc.nfs.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.nfs.NfsException;
import io.efc.nfs.NfsFeature;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What minor version 2 adds: SEEK, ALLOCATE, DEALLOCATE, COPY (RFC 7862 section 15) and extended attributes (RFC 8276 section 8.4). */
final class Nfs4Extras {
    /** data_content4. */
    private static final int CONTENT_DATA = 0;

    private static final int CONTENT_HOLE = 1;

    private static final int SEEK_DATA = 3;

    /** setxattr_option4. */
    private static final int SETXATTR_EITHER = 0;

    private static final int SETXATTR_CREATE = 1;
    private static final int SETXATTR_REPLACE = 2;

    /** Linux's XATTR_SIZE_MAX and XATTR_LIST_MAX. */
    private static final int VALUE_BYTES_MAX = 64 << 10;

    private static final int LIST_BYTES_MAX = 64 << 10;
    private static final int REPLY_BYTES = VALUE_BYTES_MAX + Nfs4Handshake.ENVELOPE_BYTES;
    private static final int NAMES_MAX = 4096;

    /** The one namespace that the protocol has; the wire leaves it out (RFC 8276 section 8). */
    private static final byte[] USER = {'u', 's', 'e', 'r', '.'};

    private final Nfs4Lease lease;
    private final Nfs4Opens opens;

    /** What the server has; an answer of NOTSUPP takes a feature away. */
    private final Set<NfsFeature> features = ConcurrentHashMap.newKeySet();

    Nfs4Extras(Nfs4Lease lease, Nfs4Opens opens) {
        this.lease = lease;
        this.opens = opens;
    }

    Set<NfsFeature> features() {
        return features;
    }

    /**
     * Finds out what the server has by asking for it of a directory, where none of it can succeed: a server that lacks an operation says NOTSUPP,
     * one that has it finds the directory wrong.
     */
    void probe(byte[] directory, boolean xattrs) {
        features.addAll(
                EnumSet.of(NfsFeature.SEEK_HOLE, NfsFeature.ALLOCATE, NfsFeature.PUNCH_HOLE, NfsFeature.SERVER_COPY));
        if (lease.minorVersion() < 2) {
            features.clear();
            return;
        }
        if (xattrs) {
            features.add(NfsFeature.XATTRS);
        }
        probe(NfsFeature.SEEK_HOLE, Nfs4Request.SEEK, c -> {
            putRange(c.putFh(directory), Nfs4.OP_SEEK, Nfs4Stateids.ANONYMOUS, 0);
            c.args().i32(CONTENT_DATA);
        });
        probe(NfsFeature.ALLOCATE, Nfs4Request.ALLOCATE, c -> {
            putRange(c.putFh(directory), Nfs4.OP_ALLOCATE, Nfs4Stateids.ANONYMOUS, 0);
            c.args().i64(1);
        });
        probe(NfsFeature.PUNCH_HOLE, Nfs4Request.DEALLOCATE, c -> {
            putRange(c.putFh(directory), Nfs4.OP_DEALLOCATE, Nfs4Stateids.ANONYMOUS, 0);
            c.args().i64(1);
        });
        probe(NfsFeature.SERVER_COPY, Nfs4Request.COPY, c -> {
            c.putFh(directory).op(Nfs4.OP_SAVEFH);
            putCopy(c, Nfs4Stateids.ANONYMOUS, 0, Nfs4Stateids.ANONYMOUS, 0, 1);
        });
    }

    private void probe(NfsFeature feature, Nfs4Request request, Nfs4Lease.Encoder encoder) {
        lease.run(
                Credentials.ROOT,
                request,
                true,
                encoder,
                c -> true,
                (status, attempt) -> {
                    throw Nfs4Lease.failure(request, status);
                },
                c -> {
                    if (lacks(c.status())) {
                        features.remove(feature);
                    }
                    return !Nfs4Lease.isRetried(c.status());
                });
    }

    private static boolean lacks(NfsStatus status) {
        return status == NfsStatus.NOTSUPP || status == NfsStatus.OP_ILLEGAL || status == NfsStatus.UNION_NOTSUPP;
    }

    private static void putRange(Nfs4Compound c, int operation, byte[] stateid, long position) {
        c.op(operation);
        c.putStateid(0, stateid);
        c.args().i64(position);
    }

    private void require(NfsFeature feature, Nfs4Request request) {
        if (!features.contains(feature)) {
            throw new NfsException(Errno.EOPNOTSUPP, request + ": the server does not have it");
        }
    }

    /** Runs a request through an open file; NOTSUPP is remembered. */
    private <T> T run(
            Credentials caller,
            Nfs4OpenFile file,
            Nfs4Request request,
            NfsFeature feature,
            Nfs4Lease.Encoder encoder,
            Nfs4Lease.Decoder<T> decoder) {
        require(feature, request);
        byte[][] used = new byte[1][];
        return lease.run(
                caller,
                request,
                true,
                c -> {
                    used[0] = file.stateid();
                    encoder.encode(c);
                },
                decoder,
                (status, attempt) -> {
                    if (lacks(status)) {
                        features.remove(feature);
                    }
                    opens.onStatus(file, used[0], request, status, attempt);
                });
    }

    /** The next data or hole from {@code position}; a hole at the end of the file counts. */
    long seek(Credentials caller, Nfs4OpenFile file, long position, int whence) {
        return run(
                caller,
                file,
                Nfs4Request.SEEK,
                NfsFeature.SEEK_HOLE,
                c -> {
                    putRange(c.putFh(file.handle()), Nfs4.OP_SEEK, file.stateid(), position);
                    c.args().i32(whence == SEEK_DATA ? CONTENT_DATA : CONTENT_HOLE);
                },
                c -> {
                    c.result(Nfs4.OP_PUTFH);
                    XdrReader r = c.result(Nfs4.OP_SEEK);
                    boolean eof = r.bool();
                    long at = r.i64();
                    if (eof && whence == SEEK_DATA) {
                        throw new NfsException(Errno.ENXIO, "SEEK: no data behind " + position);
                    }
                    return at;
                });
    }

    void allocate(Credentials caller, Nfs4OpenFile file, long position, long length) {
        run(
                caller,
                file,
                Nfs4Request.ALLOCATE,
                NfsFeature.ALLOCATE,
                c -> {
                    putRange(c.putFh(file.handle()), Nfs4.OP_ALLOCATE, file.stateid(), position);
                    c.args().i64(length);
                },
                c -> true);
    }

    void deallocate(Credentials caller, Nfs4OpenFile file, long position, long length) {
        run(
                caller,
                file,
                Nfs4Request.DEALLOCATE,
                NfsFeature.PUNCH_HOLE,
                c -> {
                    putRange(c.putFh(file.handle()), Nfs4.OP_DEALLOCATE, file.stateid(), position);
                    c.args().i64(length);
                },
                c -> true);
    }

    /** COPY within the server, synchronous. */
    long copy(Credentials caller, Nfs4OpenFile from, long fromPosition, Nfs4OpenFile to, long toPosition, long length) {
        return run(
                caller,
                to,
                Nfs4Request.COPY,
                NfsFeature.SERVER_COPY,
                c -> {
                    c.putFh(from.handle()).op(Nfs4.OP_SAVEFH);
                    c.putFh(to.handle());
                    putCopy(c, from.stateid(), fromPosition, to.stateid(), toPosition, length);
                },
                c -> {
                    c.result(Nfs4.OP_PUTFH);
                    c.result(Nfs4.OP_SAVEFH);
                    c.result(Nfs4.OP_PUTFH);
                    XdrReader r = c.result(Nfs4.OP_COPY);
                    int callbacks = r.length(1);
                    if (callbacks != 0) {
                        throw new XdrException("an asynchronous copy, which was not asked for");
                    }
                    return r.i64();
                });
    }

    private static void putCopy(
            Nfs4Compound c, byte[] from, long fromPosition, byte[] to, long toPosition, long length) {
        XdrWriter w = c.op(Nfs4.OP_COPY);
        c.putStateid(0, from);
        c.putStateid(0, to);
        w.i64(fromPosition);
        w.i64(toPosition);
        w.i64(length);
        w.bool(true);
        w.bool(true);
        w.i32(0);
    }

    byte[] getxattr(Credentials caller, byte[] file, byte[] name) {
        byte[] key = wireName(name);
        require(NfsFeature.XATTRS, Nfs4Request.GETXATTR);
        return lease.run(
                caller,
                Nfs4Request.GETXATTR,
                c -> {
                    c.call().replyBytesMax(REPLY_BYTES);
                    c.putFh(file).named(Nfs4.OP_GETXATTR, key);
                },
                c -> {
                    c.result(Nfs4.OP_PUTFH);
                    return c.result(Nfs4.OP_GETXATTR).opaque(VALUE_BYTES_MAX);
                });
    }

    void setxattr(Credentials caller, byte[] file, byte[] name, byte[] value, int flags) {
        byte[] key = wireName(name);
        require(NfsFeature.XATTRS, Nfs4Request.SETXATTR);
        if (value.length > VALUE_BYTES_MAX) {
            throw new NfsException(Errno.E2BIG, "SETXATTR of " + value.length + " bytes");
        }
        int option = switch (flags) {
            case 0 -> SETXATTR_EITHER;
            case 1 -> SETXATTR_CREATE;
            case 2 -> SETXATTR_REPLACE;
            default -> throw new NfsException(Errno.EINVAL, "SETXATTR with flags " + flags);
        };
        lease.run(
                caller,
                Nfs4Request.SETXATTR,
                c -> {
                    XdrWriter w = c.putFh(file).op(Nfs4.OP_SETXATTR);
                    w.i32(option);
                    w.opaque(key);
                    w.opaque(value);
                },
                c -> true);
    }

    byte[] listxattr(Credentials caller, byte[] file) {
        require(NfsFeature.XATTRS, Nfs4Request.LISTXATTRS);
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        long cookie = 0;
        boolean[] eof = new boolean[1];
        while (!eof[0]) {
            long from = cookie;
            cookie = lease.run(
                    caller,
                    Nfs4Request.LISTXATTRS,
                    c -> {
                        c.call().replyBytesMax(REPLY_BYTES);
                        XdrWriter w = c.putFh(file).op(Nfs4.OP_LISTXATTRS);
                        w.i64(from);
                        w.i32(LIST_BYTES_MAX);
                    },
                    c -> {
                        c.result(Nfs4.OP_PUTFH);
                        return takeNames(c.result(Nfs4.OP_LISTXATTRS), names, eof);
                    });
            if (names.size() > LIST_BYTES_MAX) {
                throw new NfsException(Errno.E2BIG, "LISTXATTRS: more than " + LIST_BYTES_MAX + " bytes of names");
            }
        }
        return names.toByteArray();
    }

    /** LISTXATTRS4resok: the cookie that goes on. */
    static long takeNames(XdrReader r, ByteArrayOutputStream names, boolean[] eof) {
        long cookie = r.i64();
        int count = r.length(NAMES_MAX);
        for (int i = 0; i < count; i++) {
            byte[] name = r.opaque(Nfs4.NAME_BYTES_MAX);
            names.writeBytes(USER);
            names.writeBytes(name);
            names.write(0);
        }
        eof[0] = r.bool();
        if (count == 0 && !eof[0]) {
            throw new XdrException("LISTXATTRS makes no progress");
        }
        return cookie;
    }

    void removexattr(Credentials caller, byte[] file, byte[] name) {
        byte[] key = wireName(name);
        require(NfsFeature.XATTRS, Nfs4Request.REMOVEXATTR);
        lease.run(caller, Nfs4Request.REMOVEXATTR, c -> c.putFh(file).named(Nfs4.OP_REMOVEXATTR, key), c -> true);
    }

    private static byte[] wireName(byte[] name) {
        if (name.length <= USER.length || !Arrays.equals(name, 0, USER.length, USER, 0, USER.length)) {
            throw new NfsException(Errno.EOPNOTSUPP, "an extended attribute outside the user namespace");
        }
        return Arrays.copyOfRange(name, USER.length, name.length);
    }
}
