package io.efc.store.internal;

import io.efc.base.Errno;
import io.efc.store.StoreException;
import java.nio.charset.StandardCharsets;

/** What a single path component must look like before a store acts on it. */
public final class Names {
    /** NAME_MAX of Linux's file systems. */
    public static final int BYTES_MAX = 255;

    private Names() {}

    /**
     * Refuses what is not a component: EINVAL for an empty name, {@code .}, {@code ..}, a slash or a NUL; ENAMETOOLONG beyond
     * {@value #BYTES_MAX} bytes.
     */
    public static void check(byte[] name) {
        if (name.length > BYTES_MAX) {
            throw new StoreException(Errno.ENAMETOOLONG, "a name of " + name.length + " bytes");
        }
        boolean dots = name.length >= 1 && name.length <= 2 && name[0] == '.' && name[name.length - 1] == '.';
        if (name.length == 0 || dots) {
            throw new StoreException(Errno.EINVAL, "the name '" + text(name) + "'");
        }
        for (byte b : name) {
            if (b == '/' || b == 0) {
                throw new StoreException(Errno.EINVAL, "the name '" + text(name) + "'");
            }
        }
    }

    /** For messages. */
    public static String text(byte[] name) {
        return new String(name, StandardCharsets.UTF_8);
    }
}
