package io.efc.testing.bench;

import java.util.List;
import java.util.function.Consumer;

/** Measurements that share a set-up. */
interface Scenario {
    /** The names of the rows it gives. */
    List<String> names();

    /** Measures, and gives each row as soon as it is known. */
    void run(Bench bench, Consumer<Row> rows);
}
