package io.efc.testing.posix;

import io.efc.base.Check;
import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.base.ThreadCalls;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The people of the suite. None of them needs an entry in /etc/passwd. */
enum User {
    /** The superuser. */
    ROOT(0, 0),
    /** Owner of most files; also in group {@link #SHARED_GROUP}. */
    ALICE(12001, 12001),
    /** Somebody else. */
    BOB(12002, 12002),
    /** Somebody else who is in Alice's group. */
    CAROL(12003, 12001);

    /** A group that Alice is in besides her own. */
    static final int SHARED_GROUP = 12009;

    private final int uid;
    private final int gid;

    User(int uid, int gid) {
        this.uid = uid;
        this.gid = gid;
    }

    int uid() {
        return uid;
    }

    int gid() {
        return gid;
    }

    /** Runs a system call with this user's ids, on a thread that takes them and ends. */
    long call(LongSupplier call) {
        if (this == ROOT) {
            return call.getAsLong();
        }
        Outcome outcome = new Outcome();
        Thread thread = Thread.ofPlatform().name("as-" + name()).start(() -> outcome.run(this, call));
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (outcome.thrown != null) {
            throw outcome.thrown;
        }
        return outcome.result;
    }

    private Credentials credentials() {
        int[] groups = this == ALICE ? new int[] {SHARED_GROUP} : new int[] {};
        return new Credentials(uid, gid, groups);
    }

    /** Written by the thread that takes the ids, read after it has ended. */
    private static final class Outcome {
        long result;

        @Nullable
        RuntimeException thrown;

        void run(User user, LongSupplier call) {
            try {
                Check.state(
                        Errno.ofResult(ThreadCalls.become(user.credentials())).isOk(),
                        "only root can act as other users");
                result = call.getAsLong();
            } catch (RuntimeException e) {
                thrown = e;
            }
        }
    }
}
