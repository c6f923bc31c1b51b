package io.efc.nfs;

/** What an open file is used for. */
public enum NfsAccess {
    READ,
    WRITE,
    READ_WRITE;

    public boolean reads() {
        return this != WRITE;
    }

    public boolean writes() {
        return this != READ;
    }
}
