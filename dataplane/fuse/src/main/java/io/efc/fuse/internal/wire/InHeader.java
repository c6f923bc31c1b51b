package io.efc.fuse.internal.wire;

/**
 * struct fuse_in_header: what every request starts with.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+-----------------------+
 *   0 | len       | opcode    | unique                |
 *     +-----------------------+-----------+-----------+
 *  16 | nodeid                | uid       | gid       |
 *     +-----------+-----+-----+-----------------------+
 *  32 | pid       |total|paddi|
 *     +-----------+-----+-----+
 * </pre>
 */
public final class InHeader extends Struct {
    public static final int LEN = 0;
    public static final int OPCODE = 4;
    public static final int UNIQUE = 8;
    public static final int NODEID = 16;
    public static final int UID = 24;
    public static final int GID = 28;
    public static final int PID = 32;
    public static final int TOTAL_EXTLEN = 36;

    /** Bytes of the whole struct. */
    public static final int BYTES = 40;

    public int length() {
        return getInt(LEN);
    }

    public InHeader length(int value) {
        putInt(LEN, value);
        return this;
    }

    public int opcode() {
        return getInt(OPCODE);
    }

    public InHeader opcode(int value) {
        putInt(OPCODE, value);
        return this;
    }

    public long unique() {
        return getLong(UNIQUE);
    }

    public InHeader unique(long value) {
        putLong(UNIQUE, value);
        return this;
    }

    public long nodeId() {
        return getLong(NODEID);
    }

    public InHeader nodeId(long value) {
        putLong(NODEID, value);
        return this;
    }

    public int uid() {
        return getInt(UID);
    }

    public InHeader uid(int value) {
        putInt(UID, value);
        return this;
    }

    public int gid() {
        return getInt(GID);
    }

    public InHeader gid(int value) {
        putInt(GID, value);
        return this;
    }

    public int pid() {
        return getInt(PID);
    }

    public InHeader pid(int value) {
        putInt(PID, value);
        return this;
    }

    /** Bytes of extensions at the message's end. */
    public int extensionBytes() {
        return getShort(TOTAL_EXTLEN) * 8;
    }
}
