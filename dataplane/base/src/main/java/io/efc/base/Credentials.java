package io.efc.base;

import java.util.Arrays;

/**
 * On whose behalf an operation runs: what AUTH_SYS (RFC 5531 appendix A) carries to the NAS and what a local store puts on
 * its thread.
 *
 * @param uid effective user id
 * @param gid effective group id
 * @param groups supplementary groups, without {@code gid}; never modified after construction. AUTH_SYS carries 16 at most
 */
@SuppressWarnings("ArrayRecordComponent")
public record Credentials(int uid, int gid, int[] groups) {
    private static final int[] NO_GROUPS = {};

    /** The superuser without supplementary groups. */
    public static final Credentials ROOT = new Credentials(0, 0, NO_GROUPS);

    /** Credentials without supplementary groups. */
    public static Credentials of(int uid, int gid) {
        return new Credentials(uid, gid, NO_GROUPS);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Credentials c && uid == c.uid && gid == c.gid && Arrays.equals(groups, c.groups);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * uid + gid) + Arrays.hashCode(groups);
    }

    @Override
    public String toString() {
        return uid + ":" + gid + Arrays.toString(groups);
    }
}
