package io.efc.nfs.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.nfs.NfsAttr;
import io.efc.nfs.NfsDirEntry;
import io.efc.nfs.NfsDirPage;
import io.efc.nfs.NfsEntry;
import io.efc.nfs.NfsException;
import io.efc.nfs.NfsMade;
import io.efc.nfs.NfsRenamed;
import io.efc.nfs.NfsSetAttr;
import io.efc.nfs.NfsStatfs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Names and attributes: what needs no open file. One compound an operation, with handle and attributes in the same round trip. */
final class Nfs4Names {
    /** ACCESS4_* (RFC 8881 section 18.1). */
    private static final int ACCESS_READ = 0x1;

    private static final int ACCESS_LOOKUP = 0x2;
    private static final int ACCESS_MODIFY = 0x4;
    private static final int ACCESS_EXTEND = 0x8;
    private static final int ACCESS_EXECUTE = 0x20;

    /** R_OK, W_OK, X_OK. */
    private static final int R_OK = 4;

    private static final int W_OK = 2;
    private static final int X_OK = 1;

    /** nfs_ftype4. */
    private static final int NF4DIR = 2;

    private static final int NF4LNK = 5;

    private static final int TARGET_BYTES_MAX = 64 << 10;

    /** What an entry of a listing takes at most on the wire, names of usual length: to ask for no more than is wanted. */
    private static final int ENTRY_BYTES = 96;

    private static final int ENTRY_PLUS_BYTES = 384;
    private static final int PAGE_BYTES_LEAST = 4096;

    private final Nfs4Lease lease;
    private final int pageBytesMax;

    /** @param pageBytesMax what a reply of the session may hold of a listing */
    Nfs4Names(Nfs4Lease lease, int pageBytesMax) {
        this.lease = lease;
        this.pageBytesMax = pageBytesMax;
    }

    NfsAttr getattr(Credentials caller, byte[] file) {
        return lease.run(caller, Nfs4Request.GETATTR, c -> c.putFh(file).getattr(Nfs4Attributes.STAT), c -> {
            c.result(Nfs4.OP_PUTFH);
            return attr(c);
        });
    }

    private static NfsAttr attr(Nfs4Compound c) {
        return c.attributes(new Nfs4Attributes()).toAttr();
    }

    /** SETATTR with the anonymous stateid, or with an open file's. */
    NfsAttr setattr(Credentials caller, byte[] file, @Nullable Nfs4OpenFile open, Nfs4Opens opens, NfsSetAttr change) {
        byte[][] used = new byte[1][];
        return lease.run(
                caller,
                Nfs4Request.SETATTR,
                true,
                c -> {
                    used[0] = open == null ? Nfs4Stateids.ANONYMOUS : open.stateid();
                    c.putFh(file).op(Nfs4.OP_SETATTR);
                    c.putStateid(0, used[0]);
                    Nfs4Attributes.put(c.args(), change);
                    c.getattr(Nfs4Attributes.STAT);
                },
                c -> {
                    c.result(Nfs4.OP_PUTFH);
                    XdrReader r = c.result(Nfs4.OP_SETATTR);
                    r.skip(4 * r.length(8));
                    return attr(c);
                },
                (status, attempt) -> {
                    if (open == null) {
                        throw Nfs4Lease.failure(Nfs4Request.SETATTR, status);
                    }
                    opens.onStatus(open, used[0], Nfs4Request.SETATTR, status, attempt);
                });
    }

    NfsEntry lookup(Credentials caller, byte[] directory, byte[] name) {
        return lease.run(
                caller,
                Nfs4Request.LOOKUP,
                c -> c.putFh(directory).named(Nfs4.OP_LOOKUP, name).op(Nfs4.OP_GETFH, Nfs4Attributes.STAT),
                c -> {
                    c.result(Nfs4.OP_PUTFH);
                    c.result(Nfs4.OP_LOOKUP);
                    return entry(c);
                });
    }

    private static NfsEntry entry(Nfs4Compound c) {
        byte[] handle = Nfs4Attributes.handle(c.result(Nfs4.OP_GETFH));
        return new NfsEntry(handle, attr(c));
    }

    int access(Credentials caller, byte[] file, int mask) {
        int wanted = ((mask & R_OK) != 0 ? ACCESS_READ : 0)
                | ((mask & W_OK) != 0 ? ACCESS_MODIFY | ACCESS_EXTEND : 0)
                | ((mask & X_OK) != 0 ? ACCESS_LOOKUP | ACCESS_EXECUTE : 0);
        int granted = lease.run(
                caller,
                Nfs4Request.ACCESS,
                c -> c.putFh(file).op(Nfs4.OP_ACCESS).i32(wanted),
                c -> {
                    c.result(Nfs4.OP_PUTFH);
                    XdrReader r = c.result(Nfs4.OP_ACCESS);
                    r.i32();
                    return r.i32();
                });
        int writes = granted & (ACCESS_MODIFY | ACCESS_EXTEND);
        return mask
                & (((granted & ACCESS_READ) != 0 ? R_OK : 0)
                        | (writes == (ACCESS_MODIFY | ACCESS_EXTEND) ? W_OK : 0)
                        | ((granted & (ACCESS_LOOKUP | ACCESS_EXECUTE)) != 0 ? X_OK : 0));
    }

    byte[] readlink(Credentials caller, byte[] link) {
        return lease.run(
                caller,
                Nfs4Request.READLINK,
                c -> {
                    c.call().replyBytesMax(TARGET_BYTES_MAX);
                    c.putFh(link).op(Nfs4.OP_READLINK);
                },
                c -> {
                    c.result(Nfs4.OP_PUTFH);
                    return c.result(Nfs4.OP_READLINK).opaque(TARGET_BYTES_MAX);
                });
    }

    /** What a change's last operations saw of what it made. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Seen(
            byte @Nullable [] handle,
            @Nullable NfsAttr attr,
            @Nullable NfsAttr directory) {}

    /** GETFH and GETATTR of what was made, then GETATTR of the directory that it is in. */
    private static void look(Nfs4Compound c, byte[] directory) {
        c.op(Nfs4.OP_GETFH, Nfs4Attributes.STAT);
        c.putFh(directory).getattr(Nfs4Attributes.STAT);
    }

    private static Seen seen(Nfs4Compound c) {
        byte[] handle = c.handleIfAny();
        NfsAttr attr = c.attrIfAny();
        c.resultStatus(Nfs4.OP_PUTFH);
        return new Seen(handle, attr, c.attrIfAny());
    }

    /** Asks for what was not seen. */
    private NfsMade complete(Credentials caller, byte[] directory, byte[] name, Seen seen) {
        byte[] handle = seen.handle();
        if (handle == null) {
            return new NfsMade(lookup(caller, directory, name), seen.directory());
        }
        NfsAttr attr = seen.attr();
        return new NfsMade(new NfsEntry(handle, attr == null ? getattr(caller, handle) : attr), seen.directory());
    }

    NfsMade mkdir(Credentials caller, byte[] directory, byte[] name, int mode) {
        return create(caller, directory, name, mode, w -> w.i32(NF4DIR));
    }

    NfsMade symlink(Credentials caller, byte[] directory, byte[] name, byte[] target) {
        return create(caller, directory, name, 0777, w -> {
            w.i32(NF4LNK);
            w.opaque(target);
        });
    }

    /** A fifo, socket or device; regular files are OPEN's. */
    NfsMade mknod(Credentials caller, byte[] directory, byte[] name, int mode, long rdev) {
        int type = switch (mode & NfsAttr.S_IFMT) {
            case 0x1000 -> 7;
            case 0xc000 -> 6;
            case 0x2000 -> 4;
            case 0x6000 -> 3;
            default -> throw new NfsException(Errno.EINVAL, "CREATE of mode 0" + Integer.toOctalString(mode));
        };
        return create(caller, directory, name, mode, w -> {
            w.i32(type);
            if (type == 3 || type == 4) {
                w.i32(Nfs4Attributes.major(rdev));
                w.i32(Nfs4Attributes.minor(rdev));
            }
        });
    }

    /** createtype4. */
    private interface Kind {
        void put(XdrWriter w);
    }

    private NfsMade create(Credentials caller, byte[] directory, byte[] name, int mode, Kind kind) {
        Seen seen = lease.change(
                caller,
                Nfs4Request.CREATE,
                2,
                c -> {
                    c.putFh(directory).op(Nfs4.OP_CREATE);
                    kind.put(c.args());
                    c.args().opaque(name);
                    Nfs4Attributes.put(c.args(), NfsSetAttr.ofMode(mode));
                    look(c, directory);
                },
                c -> {
                    c.result(Nfs4.OP_PUTFH);
                    XdrReader r = c.result(Nfs4.OP_CREATE);
                    skipChange(r);
                    r.skip(4 * r.length(8));
                    return seen(c);
                },
                failing(Nfs4Request.CREATE));
        return complete(caller, directory, name, seen);
    }

    private static Nfs4Lease.OnStatus failing(Nfs4Request request) {
        return (status, attempt) -> {
            throw Nfs4Lease.failure(request, status);
        };
    }

    /** change_info4. */
    private static void skipChange(XdrReader r) {
        r.bool();
        r.i64();
        r.i64();
    }

    NfsMade link(Credentials caller, byte[] file, byte[] directory, byte[] name) {
        Seen seen = lease.change(
                caller,
                Nfs4Request.LINK,
                4,
                c -> {
                    c.putFh(file).op(Nfs4.OP_SAVEFH);
                    c.putFh(directory).named(Nfs4.OP_LINK, name).getattr(Nfs4Attributes.STAT);
                    c.op(Nfs4.OP_RESTOREFH, Nfs4Attributes.STAT);
                },
                c -> {
                    c.result(Nfs4.OP_PUTFH);
                    c.result(Nfs4.OP_SAVEFH);
                    c.result(Nfs4.OP_PUTFH);
                    skipChange(c.result(Nfs4.OP_LINK));
                    NfsAttr after = c.attrIfAny();
                    c.resultStatus(Nfs4.OP_RESTOREFH);
                    return new Seen(file, c.attrIfAny(), after);
                },
                failing(Nfs4Request.LINK));
        return complete(caller, directory, name, seen);
    }

    /** REMOVE after a look at the type in the same compound, since REMOVE itself takes both files and directories. */
    @Nullable
    NfsAttr remove(Credentials caller, byte[] directory, byte[] name, boolean wantDirectory) {
        Seen seen = lease.change(
                caller,
                Nfs4Request.REMOVE,
                6,
                c -> {
                    c.putFh(directory).op(Nfs4.OP_SAVEFH);
                    c.named(Nfs4.OP_LOOKUP, name).op(wantDirectory ? Nfs4.OP_VERIFY : Nfs4.OP_NVERIFY);
                    Nfs4Attributes.putType(c.args(), Nfs4Attributes.FTYPE_DIRECTORY);
                    c.op(Nfs4.OP_RESTOREFH);
                    c.named(Nfs4.OP_REMOVE, name).getattr(Nfs4Attributes.STAT);
                },
                c -> {
                    c.result(Nfs4.OP_PUTFH);
                    c.result(Nfs4.OP_SAVEFH);
                    c.result(Nfs4.OP_LOOKUP);
                    c.result(wantDirectory ? Nfs4.OP_VERIFY : Nfs4.OP_NVERIFY);
                    c.result(Nfs4.OP_RESTOREFH);
                    skipChange(c.result(Nfs4.OP_REMOVE));
                    return new Seen(null, null, c.attrIfAny());
                },
                (status, attempt) -> {
                    Errno errno = switch (status) {
                        case SAME -> Errno.EISDIR;
                        case NOT_SAME -> Errno.ENOTDIR;
                        case EXIST -> Errno.ENOTEMPTY;
                        default -> status.errno();
                    };
                    throw new NfsException(errno, Nfs4Request.REMOVE + ": " + status);
                });
        return seen.directory();
    }

    /** RENAME, then a look at both directories and at what the new name stands for. */
    NfsRenamed rename(Credentials caller, byte[] from, byte[] name, byte[] to, byte[] newName) {
        boolean within = Arrays.equals(from, to);
        return lease.change(
                caller,
                Nfs4Request.RENAME,
                4,
                c -> {
                    c.putFh(from).op(Nfs4.OP_SAVEFH);
                    c.putFh(to).named(Nfs4.OP_RENAME, name);
                    c.args().opaque(newName);
                    c.getattr(Nfs4Attributes.STAT);
                    c.named(Nfs4.OP_LOOKUP, newName).op(Nfs4.OP_GETFH, Nfs4Attributes.STAT);
                    if (!within) {
                        c.op(Nfs4.OP_RESTOREFH, Nfs4Attributes.STAT);
                    }
                },
                c -> {
                    c.result(Nfs4.OP_PUTFH);
                    c.result(Nfs4.OP_SAVEFH);
                    c.result(Nfs4.OP_PUTFH);
                    XdrReader r = c.result(Nfs4.OP_RENAME);
                    skipChange(r);
                    skipChange(r);
                    NfsAttr target = c.attrIfAny();
                    c.resultStatus(Nfs4.OP_LOOKUP);
                    byte[] handle = c.handleIfAny();
                    NfsAttr attr = c.attrIfAny();
                    NfsEntry moved = handle == null || attr == null ? null : new NfsEntry(handle, attr);
                    if (within) {
                        return new NfsRenamed(target, target, moved);
                    }
                    c.resultStatus(Nfs4.OP_RESTOREFH);
                    return new NfsRenamed(c.attrIfAny(), target, moved);
                },
                failing(Nfs4Request.RENAME));
    }

    NfsDirPage readdir(Credentials caller, byte[] directory, long cookie, long verifier, int entriesMax, boolean plus) {
        long wanted = (long) entriesMax * (plus ? ENTRY_PLUS_BYTES : ENTRY_BYTES);
        int bytes = Math.clamp(wanted, Math.min(PAGE_BYTES_LEAST, pageBytesMax), pageBytesMax);
        return lease.run(
                caller,
                Nfs4Request.READDIR,
                c -> {
                    c.call().replyBytesMax(pageBytesMax + Nfs4Handshake.ENVELOPE_BYTES);
                    XdrWriter w = c.putFh(directory).op(Nfs4.OP_READDIR);
                    w.i64(cookie);
                    w.i64(verifier);
                    w.i32(bytes);
                    w.i32(bytes);
                    Nfs4Attributes.putBitmap(w, plus ? Nfs4Attributes.LISTING_PLUS : Nfs4Attributes.LISTING);
                },
                c -> {
                    c.result(Nfs4.OP_PUTFH);
                    return page(c.result(Nfs4.OP_READDIR), entriesMax);
                });
    }

    /** READDIR4resok; no more than {@code entriesMax}, the rest is asked for again. */
    static NfsDirPage page(XdrReader r, int entriesMax) {
        long verifier = r.i64();
        List<NfsDirEntry> entries = new ArrayList<>();
        Nfs4Attributes a = new Nfs4Attributes();
        while (r.bool()) {
            if (entries.size() == entriesMax) {
                return new NfsDirPage(entries, verifier, false);
            }
            long cookie = r.i64();
            byte[] name = r.opaque(Nfs4.NAME_BYTES_MAX);
            a.decode(r);
            if (!isDot(name)) {
                entries.add(listed(name, cookie, a));
            }
        }
        return new NfsDirPage(entries, verifier, r.bool());
    }

    private static boolean isDot(byte[] name) {
        return Arrays.equals(name, new byte[] {'.'}) || Arrays.equals(name, new byte[] {'.', '.'});
    }

    private static NfsDirEntry listed(byte[] name, long cookie, Nfs4Attributes a) {
        boolean whole = a.has(Nfs4Attributes.FILEHANDLE) && a.has(Nfs4Attributes.CHANGE);
        byte[] handle = a.handle;
        NfsEntry entry = whole && handle != null ? new NfsEntry(handle, a.toAttr()) : null;
        int type = a.has(Nfs4Attributes.TYPE) ? a.typeBits() >>> 12 : 0;
        return new NfsDirEntry(name, a.has(Nfs4Attributes.FILEID) ? a.fileId : 0, type, cookie, entry);
    }

    NfsStatfs statfs(Credentials caller, byte[] file) {
        return lease.run(caller, Nfs4Request.GETATTR, c -> c.putFh(file).getattr(Nfs4Attributes.ROOM), c -> {
            c.result(Nfs4.OP_PUTFH);
            Nfs4Attributes a = c.attributes(new Nfs4Attributes());
            return new NfsStatfs(a.bytesTotal, a.bytesFree, a.bytesAvailable, a.filesTotal, a.filesFree, (int)
                    Math.min(Integer.MAX_VALUE, a.nameMax));
        });
    }
}
