package io.efc.nfs.internal;

/** The procedures of NFSv3 that this client calls (RFC 1813 section 3.3). */
enum Nfs3Procedure {
    GETATTR(1),
    SETATTR(2),
    LOOKUP(3),
    ACCESS(4),
    READLINK(5),
    READ(6),
    WRITE(7),
    CREATE(8),
    MKDIR(9),
    SYMLINK(10),
    MKNOD(11),
    REMOVE(12),
    RMDIR(13),
    RENAME(14),
    LINK(15),
    READDIRPLUS(17),
    FSSTAT(18),
    FSINFO(19),
    PATHCONF(20),
    COMMIT(21);

    private final int number;

    Nfs3Procedure(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
