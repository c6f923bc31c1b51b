package io.efc.nfs.internal;

import io.efc.nfs.NfsAttr;
import io.efc.nfs.NfsSetAttr;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How the creator of a file knows it again: an access time of this second that nobody else sets. A request to create whose answer is lost, and the
 * server's memory of it too, is sent again and finds the name taken, perhaps by itself. The protocols' own exclusive creation has the server keep a
 * verifier in the times (RFC 8881 section 18.16.3, RFC 1813 section 3.3.8), which costs a second request to put them right.
 *
 * <p>A server has to keep times to the microsecond. One that does not fails a creation that its restart interrupted with EEXIST; two creators never
 * both win.
 *
 * @param atime nanoseconds since the epoch
 */
record CreationMark(long atime) {
    private static final int MICROS_PER_SECOND = 1_000_000;

    static CreationMark fresh() {
        long seconds = System.currentTimeMillis() / 1000;
        long micros = ThreadLocalRandom.current().nextInt(MICROS_PER_SECOND);
        return new CreationMark((seconds * MICROS_PER_SECOND + micros) * 1000);
    }

    /** The attributes to create a file with. */
    NfsSetAttr on(int mode) {
        return new NfsSetAttr(mode, null, null, null, atime, null);
    }

    /** Whether this is the file that was created with the mark, untouched since. */
    boolean isOn(NfsAttr attr) {
        return attr.isRegular() && attr.size() == 0 && attr.atime() == atime;
    }
}
