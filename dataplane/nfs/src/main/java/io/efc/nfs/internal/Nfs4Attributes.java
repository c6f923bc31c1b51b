package io.efc.nfs.internal;

import io.efc.nfs.NfsAttr;
import io.efc.nfs.NfsSetAttr;
import org.jspecify.annotations.Nullable;

/**
 * fattr4 (RFC 8881 section 5): a bitmap of attribute numbers and their values in ascending order. An instance is what one reply said; it is
 * decoded into again and again. Not safe for several threads.
 */
final class Nfs4Attributes {
    static final int SUPPORTED_ATTRS = 0;
    static final int TYPE = 1;
    static final int CHANGE = 3;
    static final int SIZE = 4;
    static final int LINK_SUPPORT = 5;
    static final int SYMLINK_SUPPORT = 6;
    static final int FSID = 8;
    static final int LEASE_TIME = 10;
    static final int RDATTR_ERROR = 11;
    static final int FILEHANDLE = 19;
    static final int FILEID = 20;
    static final int FILES_AVAIL = 21;
    static final int FILES_FREE = 22;
    static final int FILES_TOTAL = 23;
    static final int MAXNAME = 29;
    static final int MAXREAD = 30;
    static final int MAXWRITE = 31;
    static final int MODE = 33;
    static final int NUMLINKS = 35;
    static final int OWNER = 36;
    static final int OWNER_GROUP = 37;
    static final int RAWDEV = 41;
    static final int SPACE_AVAIL = 42;
    static final int SPACE_FREE = 43;
    static final int SPACE_TOTAL = 44;
    static final int SPACE_USED = 45;
    static final int TIME_ACCESS = 47;
    static final int TIME_ACCESS_SET = 48;
    static final int TIME_METADATA = 52;
    static final int TIME_MODIFY = 53;
    static final int TIME_MODIFY_SET = 54;
    static final int XATTR_SUPPORT = 82;

    /** What {@link #toAttr} needs. */
    static final int[] STAT = bitmap(
            TYPE,
            CHANGE,
            SIZE,
            FSID,
            FILEID,
            MODE,
            NUMLINKS,
            OWNER,
            OWNER_GROUP,
            RAWDEV,
            SPACE_USED,
            TIME_ACCESS,
            TIME_METADATA,
            TIME_MODIFY);

    /** What a directory's listing with attributes asks for. */
    static final int[] LISTING_PLUS = union(STAT, bitmap(RDATTR_ERROR, FILEHANDLE));

    /** What a plain listing asks for. */
    static final int[] LISTING = bitmap(TYPE, RDATTR_ERROR, FILEID);

    static final int[] SERVER =
            bitmap(LINK_SUPPORT, SYMLINK_SUPPORT, LEASE_TIME, MAXNAME, MAXREAD, MAXWRITE, XATTR_SUPPORT);
    static final int[] ROOM =
            bitmap(FILES_AVAIL, FILES_FREE, FILES_TOTAL, MAXNAME, SPACE_AVAIL, SPACE_FREE, SPACE_TOTAL);
    static final int[] TYPE_ONLY = bitmap(TYPE);

    static final int FTYPE_DIRECTORY = 2;

    /** Words of a bitmap that are believed: attributes up to 255. */
    private static final int BITMAP_WORDS_MAX = 8;

    /** Bytes of all values of one file. */
    private static final int VALUES_BYTES_MAX = 64 << 10;

    private static final int OWNER_BYTES_MAX = 1024;
    private static final int NOBODY = 65534;

    /** File type bits by nfs_ftype4: none, regular, directory, block, character, link, socket, fifo. */
    private static final int[] TYPES = {0, 0x8000, 0x4000, 0x6000, 0x2000, 0xa000, 0xc000, 0x1000};

    private final int[] present = new int[BITMAP_WORDS_MAX];
    int type;
    long change;
    long size;
    boolean linkSupport;
    boolean symlinkSupport;
    boolean xattrSupport;
    long fsid;
    int leaseSeconds;
    int error;
    byte @Nullable [] handle;
    long fileId;
    long filesAvailable;
    long filesFree;
    long filesTotal;
    long nameMax;
    long readMax;
    long writeMax;
    int mode;
    int links;
    int uid;
    int gid;
    long rdev;
    long bytesAvailable;
    long bytesFree;
    long bytesTotal;
    long used;
    long atime;
    long ctime;
    long mtime;

    private static int[] bitmap(int... attributes) {
        int[] words = new int[attributes[attributes.length - 1] / 32 + 1];
        for (int a : attributes) {
            words[a / 32] |= 1 << (a % 32);
        }
        return words;
    }

    private static int[] union(int[] a, int[] b) {
        int[] words = new int[Math.max(a.length, b.length)];
        for (int i = 0; i < words.length; i++) {
            words[i] = (i < a.length ? a[i] : 0) | (i < b.length ? b[i] : 0);
        }
        return words;
    }

    static void putBitmap(XdrWriter w, int[] words) {
        w.i32(words.length);
        for (int word : words) {
            w.i32(word);
        }
    }

    /** Whether the last {@link #decode} brought this attribute. */
    boolean has(int attribute) {
        return ((present[attribute / 32] >>> (attribute % 32)) & 1) != 0;
    }

    /** Reads one fattr4; the caller's reader stands behind it afterwards. */
    Nfs4Attributes decode(XdrReader r) {
        int words = r.length(BITMAP_WORDS_MAX);
        for (int i = 0; i < BITMAP_WORDS_MAX; i++) {
            present[i] = i < words ? r.i32() : 0;
        }
        int length = r.length(VALUES_BYTES_MAX);
        int end = r.position() + length;
        handle = null;
        error = 0;
        for (int word = 0; word < words; word++) {
            int bits = present[word];
            while (bits != 0) {
                value(r, 32 * word + Integer.numberOfTrailingZeros(bits));
                bits &= bits - 1;
            }
        }
        if (r.position() != end) {
            throw new XdrException("attributes of " + length + " bytes end " + (r.position() - end) + " bytes off");
        }
        return this;
    }

    private void value(XdrReader r, int attribute) {
        switch (attribute) {
            case SUPPORTED_ATTRS -> r.skip(4 * r.length(BITMAP_WORDS_MAX));
            case TYPE -> type = r.i32();
            case CHANGE -> change = r.i64();
            case SIZE -> size = r.i64();
            case LINK_SUPPORT -> linkSupport = r.bool();
            case SYMLINK_SUPPORT -> symlinkSupport = r.bool();
            case FSID -> fsid = (r.i64() * 0x9E3779B97F4A7C15L) ^ r.i64();
            case LEASE_TIME -> leaseSeconds = r.i32();
            case RDATTR_ERROR -> error = r.i32();
            case FILEHANDLE -> handle = handle(r);
            case FILEID -> fileId = r.i64();
            case FILES_AVAIL -> filesAvailable = r.i64();
            case FILES_FREE -> filesFree = r.i64();
            case FILES_TOTAL -> filesTotal = r.i64();
            case MAXNAME -> nameMax = r.u32();
            case MAXREAD -> readMax = r.i64();
            case MAXWRITE -> writeMax = r.i64();
            case MODE -> mode = r.i32() & 07777;
            case NUMLINKS -> links = r.i32();
            case OWNER -> uid = owner(r);
            case OWNER_GROUP -> gid = owner(r);
            case RAWDEV -> rdev = device(r.u32(), r.u32());
            case SPACE_AVAIL -> bytesAvailable = r.i64();
            case SPACE_FREE -> bytesFree = r.i64();
            case SPACE_TOTAL -> bytesTotal = r.i64();
            case SPACE_USED -> used = r.i64();
            case TIME_ACCESS -> atime = time(r);
            case TIME_METADATA -> ctime = time(r);
            case TIME_MODIFY -> mtime = time(r);
            case XATTR_SUPPORT -> xattrSupport = r.bool();
            default -> throw new XdrException("attribute " + attribute + " was not asked for");
        }
    }

    /** A file handle, 1 to 128 bytes. */
    static byte[] handle(XdrReader r) {
        byte[] h = r.opaque(Nfs4.HANDLE_BYTES_MAX);
        if (h.length == 0) {
            throw new XdrException("an empty file handle");
        }
        return h;
    }

    /** A number in decimal (RFC 8881 section 5.9); nobody for a name, which only the server's domain could resolve. */
    private static int owner(XdrReader r) {
        int length = r.length(OWNER_BYTES_MAX);
        int at = r.position();
        r.skip(XdrWriter.padded(length));
        long id = 0;
        for (int i = 0; i < length; i++) {
            int digit = r.at(at + i) - '0';
            if (digit < 0 || digit > 9 || i >= 10) {
                return NOBODY;
            }
            id = 10 * id + digit;
        }
        return length == 0 || id > 0xffffffffL ? NOBODY : (int) id;
    }

    /** Linux's user-space encoding of a device number (makedev(3)). */
    static long device(long major, long minor) {
        return (minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xffL) << 12) | ((major & ~0xfffL) << 32);
    }

    static int major(long device) {
        return (int) (((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL));
    }

    static int minor(long device) {
        return (int) ((device & 0xff) | ((device >>> 12) & 0xffffff00L));
    }

    private static long time(XdrReader r) {
        long seconds = r.i64();
        long nanos = r.u32();
        long most = Long.MAX_VALUE / 1_000_000_000 - 1;
        return Math.clamp(seconds, -most, most) * 1_000_000_000 + Math.min(nanos, 999_999_999);
    }

    /** File type bits of a mode. */
    int typeBits() {
        return type > 0 && type < TYPES.length ? TYPES[type] : TYPES[1];
    }

    NfsAttr toAttr() {
        return new NfsAttr(
                fileId, fsid, typeBits() | mode, links, uid, gid, rdev, size, used, atime, mtime, ctime, change);
    }

    /** Writes a fattr4 with what {@code change} sets. */
    static void put(XdrWriter w, NfsSetAttr change) {
        int low = change.size() == null ? 0 : 1 << SIZE;
        int high = (change.mode() == null ? 0 : 1 << (MODE - 32))
                | (change.uid() == null ? 0 : 1 << (OWNER - 32))
                | (change.gid() == null ? 0 : 1 << (OWNER_GROUP - 32))
                | (change.atime() == null ? 0 : 1 << (TIME_ACCESS_SET - 32))
                | (change.mtime() == null ? 0 : 1 << (TIME_MODIFY_SET - 32));
        w.i32(2);
        w.i32(low);
        w.i32(high);
        int lengthAt = w.position();
        w.i32(0);
        if (change.size() != null) {
            w.i64(change.size());
        }
        if (change.mode() != null) {
            w.i32(change.mode() & 07777);
        }
        putOwner(w, change.uid());
        putOwner(w, change.gid());
        putTime(w, change.atime());
        putTime(w, change.mtime());
        w.patch(lengthAt, w.position() - lengthAt - 4);
    }

    private static void putOwner(XdrWriter w, @Nullable Integer id) {
        if (id != null) {
            w.opaque(Integer.toUnsignedString(id).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
    }

    private static void putTime(XdrWriter w, @Nullable Long time) {
        if (time == null) {
            return;
        }
        if (time == NfsSetAttr.NOW) {
            w.i32(0);
        } else {
            w.i32(1);
            w.i64(Math.floorDiv(time, 1_000_000_000L));
            w.i32((int) Math.floorMod(time, 1_000_000_000L));
        }
    }

    /** Writes a fattr4 with the type alone, for VERIFY. */
    static void putType(XdrWriter w, int type) {
        putBitmap(w, TYPE_ONLY);
        w.i32(4);
        w.i32(type);
    }
}
