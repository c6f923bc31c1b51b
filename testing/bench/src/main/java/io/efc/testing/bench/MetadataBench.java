package io.efc.testing.bench;

import io.efc.base.ByteSize;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code bench metadata}: what names and attributes cost on a strongly consistent mount, beside the local file system and beside mounts
 * that trust what they know for a second; and two mounts that append to one file.
 */
final class MetadataBench {
    static final String USAGE =
            "usage: bench metadata [-o json] [--files N] [--efc LAUNCHER]   (as root; N: 1000 to 1000000)";

    private static final int FILES = 20_000;
    private static final int FILES_MIN = 1000;
    private static final int FILES_MAX = 1_000_000;
    private static final ByteSize NO_BIG_FILE = ByteSize.parse("16Mi");

    private boolean json;
    private int files = FILES;
    private @Nullable Path efc;

    private MetadataBench() {}

    /** Runs with what follows the word {@code metadata}: the exit code. */
    static int run(List<String> args) {
        MetadataBench bench = new MetadataBench();
        try {
            bench.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println("efc bench: " + e.getMessage());
            System.err.println(USAGE);
            return 2;
        }
        return bench.measure(new PrintStream(System.out, true, StandardCharsets.UTF_8));
    }

    private void parse(List<String> args) {
        for (int i = 0; i < args.size(); i += 2) {
            if (i + 1 == args.size()) {
                throw new IllegalArgumentException("a value is missing behind " + args.get(i));
            }
            String value = args.get(i + 1);
            switch (args.get(i)) {
                case "-o" -> json = Main.isJson(value);
                case "--files" -> files = files(value);
                case "--efc" -> efc = Path.of(value).toAbsolutePath();
                default -> throw new IllegalArgumentException("unknown argument " + args.get(i));
            }
        }
    }

    private static int files(String text) {
        if (!text.matches("[0-9]{1,7}") || Integer.parseInt(text) < FILES_MIN || Integer.parseInt(text) > FILES_MAX) {
            throw new IllegalArgumentException(
                    "--files " + text + "; accepted: a number from " + FILES_MIN + " to " + FILES_MAX);
        }
        return Integer.parseInt(text);
    }

    private int measure(PrintStream out) {
        List<MetadataRow> rows = new ArrayList<>();
        if (!json) {
            out.println(MetadataRow.header());
        }
        boolean failed = false;
        try (Bench bench = new Bench(Main.launcher(efc), NO_BIG_FILE)) {
            new Metadata(bench, files).run(row -> {
                rows.add(row);
                if (!json) {
                    out.println(row.line());
                }
            });
        } catch (BenchException | IllegalStateException e) {
            failed = true;
            System.err.println("efc bench: " + e.getMessage());
        }
        if (json) {
            out.println(MetadataRow.json(rows));
        }
        for (MetadataRow row : rows) {
            if (row.isWrong()) {
                failed = true;
                System.err.println("efc bench: " + row.row().name() + " must be without fault: " + row.json());
            }
        }
        return failed ? 1 : 0;
    }
}
