package io.efc.store.internal.local;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.base.ThreadCalls;
import io.efc.store.StoreException;
import java.util.function.LongSupplier;

/**
 * Runs system calls with a caller's rights. The kernel checks them: the calling thread takes on the caller's ids for files, and only for
 * the time of the call, which must not run Java code that waits.
 *
 * <p>A process that keeps CAP_SYS_ADMIN sees {@code trusted.*} attributes whatever its ids for files are: {@link Xattrs} takes care of that.
 */
final class Rights {
    private Rights() {}

    /** What {@code call} returned, with {@code caller}'s rights; minus the errno if they cannot be had. */
    static long as(Credentials caller, LongSupplier call) {
        int assumed = ThreadCalls.assume(caller);
        if (assumed < 0) {
            return assumed;
        }
        try {
            return call.getAsLong();
        } finally {
            ThreadCalls.resume(caller);
        }
    }

    /** As {@link #as}, and modes mean what they say: the thread's umask is none meanwhile, no other thread's is touched. */
    static long creating(Credentials caller, LongSupplier call) {
        int unshared = ThreadCalls.unshareFs();
        if (unshared < 0) {
            return unshared;
        }
        int umask = Libc.umask(0);
        try {
            return as(caller, call);
        } finally {
            Libc.umask(umask);
        }
    }

    /** Takes on {@code caller}'s rights on the data path, where a lambda would be allocated; ends with {@link ThreadCalls#resume}. */
    static void assume(Credentials caller) {
        int assumed = ThreadCalls.assume(caller);
        if (assumed < 0) {
            throw new StoreException(Errno.ofResult(assumed), "act as " + caller);
        }
    }
}
