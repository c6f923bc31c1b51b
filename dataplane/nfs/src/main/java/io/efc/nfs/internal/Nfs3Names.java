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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Names and attributes in NFSv3.
 *
 * <p>A procedure that a lost connection had sent twice, to a server that has forgotten the first time, fails with the traces of its own success: MKDIR
 * finds the name taken, REMOVE finds it gone. Such a failure of a call that was sent again counts as success if what is there now is what the call would
 * have made. An exclusive CREATE needs no such guess: its {@link CreationMark} tells.
 */
final class Nfs3Names {
    /** One READDIRPLUS reply. */
    private static final int LISTING_BYTES_MAX = 64 << 10;

    private static final int LISTING_BYTES_LEAST = 8 << 10;

    /** What an entry of a listing takes, names of usual length included. */
    private static final int LISTING_BYTES_AN_ENTRY = 256;

    private static final int NAME_BYTES_MAX = 4096;
    private static final int TARGET_BYTES_MAX = 4096;

    private static final int S_IFMT = 0170000;
    private static final int S_IFIFO = 0010000;
    private static final int S_IFCHR = 0020000;
    private static final int S_IFBLK = 0060000;
    private static final int S_IFREG = 0100000;
    private static final int S_IFSOCK = 0140000;

    private final Nfs3Calls calls;

    Nfs3Names(Nfs3Calls calls) {
        this.calls = calls;
    }

    /** A file that was just found or made: handle, attributes and those of the directory, each null if the server left it out. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Made(
            byte @Nullable [] handle,
            @Nullable NfsAttr attr,
            @Nullable NfsAttr directory) {}

    NfsAttr getattr(Credentials caller, byte[] file) {
        return calls.run(caller, Nfs3Procedure.GETATTR, w -> w.opaque(file), Nfs3Codec::attr);
    }

    NfsAttr setattr(Credentials caller, byte[] file, NfsSetAttr change) {
        NfsAttr after = calls.<@Nullable NfsAttr>run(
                caller,
                Nfs3Procedure.SETATTR,
                w -> {
                    w.opaque(file);
                    Nfs3Codec.putAttr(w, change);
                    w.bool(false);
                },
                Nfs3Codec::wcc);
        return after == null ? getattr(caller, file) : after;
    }

    NfsEntry lookup(Credentials caller, byte[] directory, byte[] name) {
        Made found = calls.run(
                caller,
                Nfs3Procedure.LOOKUP,
                w -> Nfs3Codec.putName(w, directory, name),
                r -> new Made(Nfs3Codec.handle(r), Nfs3Codec.postOpAttr(r), Nfs3Codec.postOpAttr(r)));
        return complete(caller, directory, name, found);
    }

    private NfsEntry complete(Credentials caller, byte[] directory, byte[] name, Made made) {
        byte[] handle = made.handle();
        if (handle == null) {
            return lookup(caller, directory, name);
        }
        NfsAttr attr = made.attr();
        return new NfsEntry(handle, attr == null ? getattr(caller, handle) : attr);
    }

    /** What ACCESS grants of {@code bits}, and the file's attributes. */
    record Granted(int bits, NfsAttr attr) {}

    Granted access(Credentials caller, byte[] file, int bits) {
        NfsAttr[] attr = new NfsAttr[1];
        int granted = calls.run(
                caller,
                Nfs3Procedure.ACCESS,
                w -> {
                    w.opaque(file);
                    w.i32(bits);
                },
                r -> {
                    NfsAttr a = Nfs3Codec.postOpAttr(r);
                    if (a != null) {
                        attr[0] = a;
                    }
                    return r.i32() & bits;
                });
        return new Granted(granted, attr[0] == null ? getattr(caller, file) : attr[0]);
    }

    byte[] readlink(Credentials caller, byte[] link) {
        return calls.run(
                caller,
                Nfs3Procedure.READLINK,
                TARGET_BYTES_MAX + 512,
                w -> w.opaque(link),
                r -> {
                    Nfs3Codec.skipPostOpAttr(r);
                    return r.opaque(TARGET_BYTES_MAX);
                },
                (status, resent) -> {
                    throw Nfs3Calls.failure(Nfs3Procedure.READLINK, status);
                });
    }

    NfsMade mkdir(Credentials caller, byte[] directory, byte[] name, int mode) {
        return make(
                caller,
                Nfs3Procedure.MKDIR,
                directory,
                name,
                w -> Nfs3Codec.putAttr(w, NfsSetAttr.ofMode(mode)),
                there -> there.attr().isDirectory() && mine(caller, there.attr()));
    }

    NfsMade symlink(Credentials caller, byte[] directory, byte[] name, byte[] target) {
        return make(
                caller,
                Nfs3Procedure.SYMLINK,
                directory,
                name,
                w -> {
                    Nfs3Codec.putAttr(w, NfsSetAttr.NONE);
                    w.opaque(target);
                },
                there -> mine(caller, there.attr()) && hasTarget(caller, there, target));
    }

    private boolean hasTarget(Credentials caller, NfsEntry there, byte[] target) {
        try {
            return Arrays.equals(readlink(caller, there.handle()), target);
        } catch (NfsException e) {
            if (e.errno() == Errno.EINVAL) {
                return false;
            }
            throw e;
        }
    }

    NfsMade mknod(Credentials caller, byte[] directory, byte[] name, int mode, long rdev) {
        int type = mode & S_IFMT;
        NfsSetAttr attr = NfsSetAttr.ofMode(mode & ~S_IFMT);
        if (type == S_IFREG || type == 0) {
            return create(
                    caller,
                    directory,
                    name,
                    attr,
                    there -> there.attr().isRegular() && there.attr().size() == 0 && mine(caller, there.attr()));
        }
        int number = switch (type) {
            case S_IFBLK -> 3;
            case S_IFCHR -> 4;
            case S_IFSOCK -> 6;
            case S_IFIFO -> 7;
            default -> throw new NfsException(Errno.EINVAL, "MKNOD of type " + Integer.toOctalString(type));
        };
        return make(
                caller,
                Nfs3Procedure.MKNOD,
                directory,
                name,
                w -> {
                    w.i32(number);
                    Nfs3Codec.putAttr(w, attr);
                    if (type == S_IFBLK || type == S_IFCHR) {
                        w.i32(Nfs3Codec.major(rdev));
                        w.i32(Nfs3Codec.minor(rdev));
                    }
                },
                there -> (there.attr().mode() & S_IFMT) == type
                        && there.attr().rdev() == rdev
                        && mine(caller, there.attr()));
    }

    private static boolean mine(Credentials caller, NfsAttr attr) {
        return attr.uid() == caller.uid();
    }

    /** Creates a file that must not exist; a repetition is taken for what it is. */
    NfsMade createExclusive(Credentials caller, byte[] directory, byte[] name, int mode) {
        CreationMark mark = CreationMark.fresh();
        return create(caller, directory, name, mark.on(mode), there -> mark.isOn(there.attr()));
    }

    /** Creates a file unless the name is taken: EEXIST then. */
    NfsMade createGuarded(Credentials caller, byte[] directory, byte[] name, int mode) {
        return create(caller, directory, name, NfsSetAttr.ofMode(mode), there -> false);
    }

    private NfsMade create(Credentials caller, byte[] directory, byte[] name, NfsSetAttr attr, Likeness ours) {
        return make(
                caller,
                Nfs3Procedure.CREATE,
                directory,
                name,
                w -> {
                    w.i32(Nfs3.CREATE_GUARDED);
                    Nfs3Codec.putAttr(w, attr);
                },
                ours);
    }

    private interface Likeness {
        boolean is(NfsEntry there);
    }

    /** A procedure that makes {@code name} and answers with what CREATE3resok has. */
    private NfsMade make(
            Credentials caller,
            Nfs3Procedure procedure,
            byte[] directory,
            byte[] name,
            Nfs3Calls.Arguments rest,
            Likeness ours) {
        Made made = calls.run(
                caller,
                procedure,
                0,
                w -> {
                    Nfs3Codec.putName(w, directory, name);
                    rest.put(w);
                },
                r -> new Made(Nfs3Codec.postOpHandle(r), Nfs3Codec.postOpAttr(r), Nfs3Codec.wcc(r)),
                (status, resent) -> {
                    if (status == NfsStatus.EXIST && resent) {
                        NfsEntry there = lookup(caller, directory, name);
                        if (ours.is(there)) {
                            return new Made(there.handle(), there.attr(), null);
                        }
                    }
                    throw Nfs3Calls.failure(procedure, status);
                });
        return new NfsMade(complete(caller, directory, name, made), made.directory());
    }

    NfsMade link(Credentials caller, byte[] file, byte[] directory, byte[] name) {
        Made made = calls.run(
                caller,
                Nfs3Procedure.LINK,
                0,
                w -> {
                    w.opaque(file);
                    Nfs3Codec.putName(w, directory, name);
                },
                r -> new Made(file, Nfs3Codec.postOpAttr(r), Nfs3Codec.wcc(r)),
                (status, resent) -> {
                    if (status == NfsStatus.EXIST && resent) {
                        NfsEntry there = lookup(caller, directory, name);
                        NfsAttr mine = getattr(caller, file);
                        if (there.attr().fileId() == mine.fileId()
                                && there.attr().fsid() == mine.fsid()) {
                            return new Made(file, mine, null);
                        }
                    }
                    throw Nfs3Calls.failure(Nfs3Procedure.LINK, status);
                });
        return new NfsMade(complete(caller, directory, name, made), made.directory());
    }

    @Nullable
    NfsAttr remove(Credentials caller, byte[] directory, byte[] name, Nfs3Procedure procedure) {
        return calls.<@Nullable NfsAttr>run(
                caller, procedure, 0, w -> Nfs3Codec.putName(w, directory, name), Nfs3Codec::wcc, (status, resent) -> {
                    if (status == NfsStatus.NOENT && resent) {
                        return null;
                    }
                    if (status == NfsStatus.EXIST && procedure == Nfs3Procedure.RMDIR) {
                        throw Nfs3Calls.failure(procedure, NfsStatus.NOTEMPTY);
                    }
                    throw Nfs3Calls.failure(procedure, status);
                });
    }

    NfsRenamed rename(Credentials caller, byte[] from, byte[] name, byte[] to, byte[] newName) {
        return calls.run(
                caller,
                Nfs3Procedure.RENAME,
                0,
                w -> {
                    Nfs3Codec.putName(w, from, name);
                    Nfs3Codec.putName(w, to, newName);
                },
                r -> new NfsRenamed(Nfs3Codec.wcc(r), Nfs3Codec.wcc(r), null),
                (status, resent) -> {
                    if (status == NfsStatus.NOENT && resent) {
                        return new NfsRenamed(null, null, lookup(caller, to, newName));
                    }
                    throw status == NfsStatus.EXIST
                            ? inTheWay(caller, from, name, to, newName)
                            : Nfs3Calls.failure(Nfs3Procedure.RENAME, status);
                });
    }

    /** RENAME says EXIST for whatever is in the way (RFC 1813 section 3.3.14); rename(2) says what it is. */
    private NfsException inTheWay(Credentials caller, byte[] from, byte[] name, byte[] to, byte[] newName) {
        boolean source = lookup(caller, from, name).attr().isDirectory();
        boolean target = lookup(caller, to, newName).attr().isDirectory();
        NfsStatus status = source == target ? NfsStatus.NOTEMPTY : target ? NfsStatus.ISDIR : NfsStatus.NOTDIR;
        return Nfs3Calls.failure(Nfs3Procedure.RENAME, status);
    }

    /** Always with attributes: READDIR would not even tell types. */
    NfsDirPage readdir(Credentials caller, byte[] directory, long cookie, long verifier, int entriesMax) {
        int bytes = Math.clamp((long) entriesMax * LISTING_BYTES_AN_ENTRY, LISTING_BYTES_LEAST, LISTING_BYTES_MAX);
        Listing listing = new Listing(cookie, verifier, entriesMax);
        while (true) {
            long from = listing.cookie;
            long with = listing.verifier;
            calls.run(
                    caller,
                    Nfs3Procedure.READDIRPLUS,
                    bytes + 1024,
                    w -> {
                        w.opaque(directory);
                        w.i64(from);
                        w.i64(with);
                        w.i32(bytes);
                        w.i32(bytes);
                    },
                    listing::take,
                    (status, resent) -> {
                        throw Nfs3Calls.failure(Nfs3Procedure.READDIRPLUS, status);
                    });
            if (listing.eof || !listing.entries.isEmpty()) {
                return new NfsDirPage(listing.entries, listing.verifier, listing.eof);
            }
            if (listing.cookie == from) {
                throw new NfsException(Errno.EIO, "READDIRPLUS: an empty page before the end of a directory");
            }
        }
    }

    /** One page; several replies if the first brought nothing but {@code .} and {@code ..}. */
    static final class Listing {
        final List<NfsDirEntry> entries = new ArrayList<>();
        final int entriesMax;
        long cookie;
        long verifier;
        boolean eof;

        Listing(long cookie, long verifier, int entriesMax) {
            this.cookie = cookie;
            this.verifier = verifier;
            this.entriesMax = entriesMax;
        }

        boolean take(XdrReader r) {
            Nfs3Codec.skipPostOpAttr(r);
            verifier = r.i64();
            while (r.bool()) {
                long fileId = r.i64();
                byte[] name = r.opaque(NAME_BYTES_MAX);
                check(name);
                long next = r.i64();
                NfsAttr attr = Nfs3Codec.postOpAttr(r);
                byte[] handle = Nfs3Codec.postOpHandle(r);
                boolean dots = name.length >= 1 && name.length <= 2 && name[0] == '.' && name[name.length - 1] == '.';
                if (dots) {
                    cookie = next;
                } else if (entries.size() == entriesMax) {
                    return true;
                } else {
                    cookie = next;
                    NfsEntry entry = attr == null || handle == null ? null : new NfsEntry(handle, attr);
                    entries.add(new NfsDirEntry(name, fileId, attr == null ? 0 : attr.type(), next, entry));
                }
            }
            eof = r.bool();
            return true;
        }

        /** What reaches a kernel as one component must be one. */
        private static void check(byte[] name) {
            if (name.length == 0) {
                throw new XdrException("a name of no bytes");
            }
            for (byte b : name) {
                if (b == 0 || b == '/') {
                    throw new XdrException("a name with the byte " + b);
                }
            }
        }
    }
}
