package io.efc.fuse.internal.wire;

/**
 * struct fuse_init_out: what was settled. Layout of protocol 7.40 and later: max_stack_depth and request_timeout were unused before.
 *
 * <pre>
 *     0           4           8           12          16
 *     +-----------+-----------+-----------+-----------+
 *   0 | major     | minor     |max_readahe| flags     |
 *     +-----+-----+-----------+-----------+-----+-----+
 *  16 |max_b|conge| max_write | time_gran |max_p|map_a|
 *     +-----------+-----------+-----+-----------------+
 *  32 | flags2    |max_stack_d|reque| unused          |
 *     +-----------------------------------------------+
 *  48 |                                               |
 *     +-----------------------------------------------+
 * </pre>
 */
public final class InitOut extends Struct {
    public static final int MAJOR = 0;
    public static final int MINOR = 4;
    public static final int MAX_READAHEAD = 8;
    public static final int FLAGS = 12;
    public static final int MAX_BACKGROUND = 16;
    public static final int CONGESTION_THRESHOLD = 18;
    public static final int MAX_WRITE = 20;
    public static final int TIME_GRAN = 24;
    public static final int MAX_PAGES = 28;
    public static final int MAP_ALIGNMENT = 30;
    public static final int FLAGS2 = 32;
    public static final int MAX_STACK_DEPTH = 36;
    public static final int REQUEST_TIMEOUT = 40;

    /** Bytes of the whole struct. */
    public static final int BYTES = 64;

    public int major() {
        return getInt(MAJOR);
    }

    public InitOut major(int value) {
        putInt(MAJOR, value);
        return this;
    }

    public int minor() {
        return getInt(MINOR);
    }

    public InitOut minor(int value) {
        putInt(MINOR, value);
        return this;
    }

    public int maxReadahead() {
        return getInt(MAX_READAHEAD);
    }

    public InitOut maxReadahead(int value) {
        putInt(MAX_READAHEAD, value);
        return this;
    }

    public int maxBackground() {
        return getShort(MAX_BACKGROUND);
    }

    public InitOut maxBackground(int value) {
        putShort(MAX_BACKGROUND, value);
        return this;
    }

    public int congestionThreshold() {
        return getShort(CONGESTION_THRESHOLD);
    }

    public InitOut congestionThreshold(int value) {
        putShort(CONGESTION_THRESHOLD, value);
        return this;
    }

    public int maxWrite() {
        return getInt(MAX_WRITE);
    }

    public InitOut maxWrite(int value) {
        putInt(MAX_WRITE, value);
        return this;
    }

    public int timeGranularityNanos() {
        return getInt(TIME_GRAN);
    }

    public InitOut timeGranularityNanos(int value) {
        putInt(TIME_GRAN, value);
        return this;
    }

    public int maxPages() {
        return getShort(MAX_PAGES);
    }

    public InitOut maxPages(int value) {
        putShort(MAX_PAGES, value);
        return this;
    }

    public int maxStackDepth() {
        return getInt(MAX_STACK_DEPTH);
    }

    public InitOut maxStackDepth(int value) {
        putInt(MAX_STACK_DEPTH, value);
        return this;
    }

    public InitOut flags(long flags) {
        putInt(FLAGS, (int) flags);
        putInt(FLAGS2, (int) (flags >>> 32));
        return this;
    }

    public long flags() {
        return (getInt(FLAGS) & 0xffff_ffffL) | (long) getInt(FLAGS2) << 32;
    }
}
