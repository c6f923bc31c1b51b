package io.efc.store;

/** What a name can stand for; the numbers are the file type bits of a mode shifted right by 12. */
public enum FileType {
    FIFO(1),
    CHARACTER_DEVICE(2),
    DIRECTORY(4),
    BLOCK_DEVICE(6),
    REGULAR(8),
    SYMLINK(10),
    SOCKET(12);

    private static final FileType[] TYPES = values();

    private final int code;

    FileType(int code) {
        this.code = code;
    }

    /** The d_type of readdir(3). */
    public int code() {
        return code;
    }

    /** The type of a mode's bits. */
    public static FileType ofMode(int mode) {
        return ofCode(mode >>> 12 & 0xf);
    }

    /** The type with this d_type; {@link IllegalArgumentException} if there is none. */
    public static FileType ofCode(int code) {
        for (FileType t : TYPES) {
            if (t.code == code) {
                return t;
            }
        }
        throw new IllegalArgumentException("no file type has the number " + code);
    }
}
