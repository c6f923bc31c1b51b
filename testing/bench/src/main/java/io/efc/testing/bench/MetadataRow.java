package io.efc.testing.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A figure with what it cost others.
 *
 * @param cost of an operation on the strong mount
 * @param referenceCost of an operation on the reference; nothing for a local file system
 * @param isWrong whether it breaks what has to hold
 */
record MetadataRow(Row row, Cost cost, Cost referenceCost, boolean isWrong) {
    private static final String FORMAT = "%-86s %9s %9s %9s %9s";

    /**
     * Requests an operation.
     *
     * @param nas those of the client and the workers to the NFS server
     * @param master waits for a lease, and leases given back
     */
    record Cost(double nas, double master) {
        static final Cost NONE = new Cost(0, 0);
    }

    static MetadataRow of(Row row) {
        return new MetadataRow(row, Cost.NONE, Cost.NONE, false);
    }

    /** A count that has to be zero. */
    static MetadataRow none(String name, long count, String unit) {
        return new MetadataRow(new Row(name, count, unit, "", 0), Cost.NONE, Cost.NONE, count != 0);
    }

    static String header() {
        return String.format(FORMAT, shorter(Table.header()), "NAS/op", "master/op", "beside:", "");
    }

    String line() {
        return String.format(
                        FORMAT,
                        shorter(Table.line(row)),
                        each(cost.nas),
                        each(cost.master),
                        each(referenceCost.nas),
                        each(referenceCost.master))
                .stripTrailing();
    }

    /** {@link Row#json()} with the four costs. */
    String json() {
        String open = row.json().substring(0, row.json().length() - 1);
        return String.format(
                Locale.ROOT,
                "%s,\"nasPerOperation\":%s,\"masterPerOperation\":%s,\"referenceNasPerOperation\":%s,\"referenceMasterPerOperation\":%s}",
                open,
                Row.number(cost.nas),
                Row.number(cost.master),
                Row.number(referenceCost.nas),
                Row.number(referenceCost.master));
    }

    static String json(List<MetadataRow> rows) {
        return rows.stream().map(MetadataRow::json).collect(Collectors.joining(",\n ", "[", "]"));
    }

    private static String each(double requests) {
        return requests == 0 ? "0" : String.format(Locale.ROOT, "%.4f", requests);
    }

    /** The names here are short. */
    private static String shorter(String line) {
        return line.replaceFirst(" {24}", "");
    }
}
