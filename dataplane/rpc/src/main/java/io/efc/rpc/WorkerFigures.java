package io.efc.rpc;

/**
 * A worker's figures, in its heartbeats. Counts are since the worker's start.
 *
 * @param usedBytes cached
 * @param quotaBytes the most that may be
 * @param hits reads served from the cache
 * @param misses reads that had to be fetched
 * @param servedBytes sent to clients
 * @param fetchedBytes read from the stores
 */
public record WorkerFigures(
        long usedBytes, long quotaBytes, long hits, long misses, long servedBytes, long fetchedBytes) {
    /** Before the first heartbeat. */
    public static final WorkerFigures NONE = new WorkerFigures(0, 0, 0, 0, 0, 0);

    public void encode(Wire.Writer out) {
        out.i64(usedBytes)
                .i64(quotaBytes)
                .i64(hits)
                .i64(misses)
                .i64(servedBytes)
                .i64(fetchedBytes);
    }

    public static WorkerFigures decode(Wire.Reader in) {
        return new WorkerFigures(in.i64(), in.i64(), in.i64(), in.i64(), in.i64(), in.i64());
    }
}
