package io.efc.cache;

/**
 * One caller's share in filling sub-ranges of a block, from {@link BlockCache#claim}. Nobody else is given a sub-range
 * of {@link #mask} until {@link #close}, so it is fetched once however many want it. The use is a loop:
 *
 * <pre>{@code
 * while (true) {
 *     try (Fill fill = cache.claim(key, block, wanted)) {
 *         if (fill.mask() != 0) {
 *             fetch and put what mask() names;        // then wanted is narrowed to what others() names
 *         } else if (fill.others() == 0) {
 *             return;                                  // all present: read or pin it
 *         } else if (!fill.await(deadline)) {
 *             give up;
 *         }                                            // else look again: it is there, or ours to take over
 *     }
 * }
 * }</pre>
 */
public interface Fill extends AutoCloseable {
    /**
     * Sub-ranges (bit i: the i-th of the block) that the holder must fetch and put: absent when claimed, and nobody
     * else's.
     */
    long mask();

    /** Wanted sub-ranges that others were fetching when this was claimed. */
    long others();

    /**
     * Waits until none of {@link #others} is being fetched by those who were fetching it. Says nothing about whether
     * they succeeded.
     *
     * @param deadlineNanos by the cache's ticker
     * @return false if the deadline passed first
     * @throws InterruptedException if the thread was or gets interrupted
     */
    boolean await(long deadlineNanos) throws InterruptedException;

    /**
     * Gives back {@link #mask} and wakes those who wait for it, whether or not it was filled. Idempotent; any thread.
     */
    @Override
    void close();
}
