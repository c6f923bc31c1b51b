package io.efc.rpc;

import java.util.ArrayList;
import java.util.List;

/**
 * What {@code efc get leases} shows: the body of LEASES' reply. The numbers of objects are those of the lease protocol's ObjectId.
 *
 * @param epoch of the master
 * @param inGrace after a start: new leases wait until the old ones are claimed
 * @param total leases and requests that the filter lets through, of which {@code rows} may be the first ones
 */
public record LeasesView(
        long epoch, boolean inGrace, long sessions, long leases, long waiters, long total, List<Row> rows) {
    /** The most rows of one answer. */
    public static final int ROWS_MAX = 5_000;

    public LeasesView {
        rows = List.copyOf(rows);
    }

    /**
     * A lease, or a request that waits for one.
     *
     * @param session its number
     * @param client the name that the session's client gave: its node and mount point
     * @param directory the object's group
     * @param file 0: the whole group
     * @param mode none, read or write
     * @param token 0: it waits
     * @param yielding the holder was told to give up something and has not answered yet
     */
    public record Row(
            long session, String client, long directory, long file, String mode, long token, boolean yielding) {}

    /**
     * What is asked for.
     *
     * @param directory 0: everything; else the leases that cover, or are, this object
     * @param file as {@code directory}
     */
    public record Filter(long directory, long file, int rowsMax) {
        /** Everything, as far as it fits. */
        public static final Filter ALL = new Filter(0, 0, ROWS_MAX);

        public byte[] encode() {
            return new Wire.Writer().i64(directory).i64(file).i32(rowsMax).bytes();
        }

        /** Reads what {@link #encode} wrote. */
        public static Filter decode(Wire.Reader in) {
            Filter filter = new Filter(in.i64(), in.i64(), in.i32());
            in.end();
            if (filter.rowsMax < 0 || filter.rowsMax > ROWS_MAX) {
                throw Wire.malformed("a request for " + filter.rowsMax + " rows");
            }
            return filter;
        }
    }

    public byte[] encode() {
        Wire.Writer out = new Wire.Writer()
                .i64(epoch)
                .u8(inGrace ? 1 : 0)
                .i64(sessions)
                .i64(leases)
                .i64(waiters)
                .i64(total)
                .count(rows.size());
        for (Row r : rows) {
            out.i64(r.session)
                    .string(r.client)
                    .i64(r.directory)
                    .i64(r.file)
                    .string(r.mode)
                    .i64(r.token)
                    .u8(r.yielding ? 1 : 0);
        }
        return out.bytes();
    }

    public static LeasesView decode(byte[] bytes) {
        Wire.Reader in = new Wire.Reader(bytes);
        long epoch = in.i64();
        boolean inGrace = in.u8() != 0;
        long sessions = in.i64();
        long leases = in.i64();
        long waiters = in.i64();
        long total = in.i64();
        List<Row> rows = new ArrayList<>();
        for (int i = in.count(); i > 0; i--) {
            rows.add(new Row(in.i64(), in.string(), in.i64(), in.i64(), in.string(), in.i64(), in.u8() != 0));
        }
        in.end();
        return new LeasesView(epoch, inGrace, sessions, leases, waiters, total, rows);
    }
}
