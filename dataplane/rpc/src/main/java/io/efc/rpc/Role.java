package io.efc.rpc;

/** What a process is to the one it connects to. */
public enum Role {
    CLIENT(1),
    WORKER(2),
    MASTER(3),
    /** The command line: asks for status. */
    ADMIN(4);

    private static final Role[] ALL = values();

    private final int code;

    Role(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** The role with this number, or null. */
    static @org.jspecify.annotations.Nullable Role of(int code) {
        for (Role r : ALL) {
            if (r.code == code) {
                return r;
            }
        }
        return null;
    }
}
