package io.efc.cache;

import io.efc.base.ByteSize;
import io.efc.base.Check;
import java.nio.file.Path;

/**
 * One tier of a cache.
 *
 * @param medium what it is made of
 * @param directory where its files are: of this cache alone, made with mode 0700 if absent
 * @param quota the most bytes of blocks it may hold; never exceeded
 * @param high share of the quota at which eviction in the background starts
 * @param low share of the quota at which it stops
 */
public record TierConfig(Medium medium, Path directory, ByteSize quota, double high, double low) {
    /** Less than this cannot hold a few blocks of the largest size. */
    public static final ByteSize QUOTA_MIN = ByteSize.ofMiB(16);

    public TierConfig {
        Check.argument(directory.isAbsolute(), "tier directory '" + directory + "' is not an absolute path");
        Check.argument(
                quota.compareTo(QUOTA_MIN) >= 0,
                "quota " + quota + " of tier " + directory + " is too small; at least " + QUOTA_MIN + " is needed");
        Check.argument(
                low > 0 && low < high && high <= 1,
                "tier " + directory + ": high " + high + " and low " + low + " must satisfy 0 < low < high <= 1");
    }

    /** A tier with the usual water marks, 0.95 and 0.90. */
    public TierConfig(Medium medium, Path directory, ByteSize quota) {
        this(medium, directory, quota, 0.95, 0.90);
    }
}
