package io.efc.testing.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Rows for people and for programs. */
final class Table {
    private Table() {}

    static String header() {
        return line("what", "value", "unit", "beside", "value", "ratio");
    }

    static String line(Row row) {
        boolean alone = row.reference().isEmpty();
        return line(
                row.name(),
                Row.number(row.value()),
                row.unit(),
                row.reference(),
                alone ? "" : Row.number(row.referenceValue()),
                alone ? "" : String.format(Locale.ROOT, "%.2f", row.ratio()));
    }

    static String json(List<Row> rows) {
        return rows.stream().map(Row::json).collect(Collectors.joining(",\n ", "[", "]"));
    }

    private static String line(String... cells) {
        return String.format("%-52s %12s %-8s %-26s %12s %7s", (Object[]) cells).stripTrailing();
    }
}
