package io.efc.testing.bench;

import io.efc.base.ByteSize;
import io.efc.rpc.RpcException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures EFC beside its references.
 *
 * <pre>
 * ./efc bench quick [-o json] [--rows TEXT] [--size SIZE]
 * ./efc bench master [-o json] [--sessions N] [--leases N] [--connections N] [--files-in-directory N] [--hold SECONDS]
 * ./efc bench metadata [-o json] [--files N]
 * </pre>
 *
 * {@code --rows} keeps the scenarios with a row whose name contains the text. The launcher is found beside the running build, or named
 * by {@code --efc}. Exit code 1: something could not be measured; 2: wrong usage.
 */
public final class Main {
    private static final String USAGE =
            "usage: bench quick [-o json] [--rows TEXT] [--size SIZE] [--efc LAUNCHER] [--list]   (as root)\n"
                    + "       bench master [-o json] [--sessions N] [--leases N] [--connections N]"
                    + " [--files-in-directory N] [--hold SECONDS] [--efc LAUNCHER]";

    private static final List<Scenario> SCENARIOS = List.of(
            new Sequential(),
            new Passthrough(),
            new RandomReads(),
            new SmallFiles(),
            new Listing(),
            new Names(),
            new Inodes());

    private boolean json;
    private boolean list;
    private String wanted = "";
    private ByteSize size = ByteSize.ofGiB(2);
    private @Nullable Path efc;
    private MasterBench.@Nullable Load load;

    private Main() {}

    /** Runs and exits. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs: the exit code. */
    public static int run(String... args) {
        if (args.length > 0 && args[0].equals("metadata")) {
            return MetadataBench.run(List.of(args).subList(1, args.length));
        }
        Main main = new Main();
        try {
            main.parse(args);
        } catch (IllegalArgumentException e) {
            System.err.println("efc bench: " + e.getMessage());
            System.err.println(USAGE);
            System.err.println(MetadataBench.USAGE);
            return 2;
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        if (main.list) {
            SCENARIOS.forEach(s -> s.names().forEach(out::println));
            return 0;
        }
        return main.measure(out);
    }

    private void parse(String[] args) {
        switch (args.length == 0 ? "" : args[0]) {
            case "quick" -> parseQuick(args);
            case "master" -> parseMaster(args);
            default -> throw new IllegalArgumentException("the first argument must be: quick, metadata, or master");
        }
    }

    private void parseMaster(String[] args) {
        MasterBench.Load full = MasterBench.Load.FULL;
        int sessions = full.sessions();
        int leases = full.leases();
        int connections = full.connections();
        int files = full.filesInDirectory();
        int hold = full.holdSeconds();
        for (int i = 1; i < args.length; i++) {
            switch (args[i]) {
                case "-o" -> json = isJson(value(args, ++i));
                case "--efc" -> efc = Path.of(value(args, ++i)).toAbsolutePath();
                case "--sessions" -> sessions = number(args, ++i);
                case "--leases" -> leases = number(args, ++i);
                case "--connections" -> connections = number(args, ++i);
                case "--files-in-directory" -> files = number(args, ++i);
                case "--hold" -> hold = number(args, ++i);
                default -> throw new IllegalArgumentException("unknown argument " + args[i]);
            }
        }
        load = new MasterBench.Load(sessions, leases, connections, files, hold);
    }

    private void parseQuick(String[] args) {
        for (int i = 1; i < args.length; i++) {
            switch (args[i]) {
                case "-o" -> json = isJson(value(args, ++i));
                case "--rows" -> wanted = value(args, ++i).toLowerCase(Locale.ROOT);
                case "--size" -> size = ByteSize.parse(value(args, ++i));
                case "--efc" -> efc = Path.of(value(args, ++i)).toAbsolutePath();
                case "--list" -> list = true;
                default -> throw new IllegalArgumentException("unknown argument " + args[i]);
            }
        }
        if (chosen().isEmpty()) {
            throw new IllegalArgumentException("no row's name contains '" + wanted + "'; --list shows them");
        }
        if (size.bytes() < 16L << 20) {
            throw new IllegalArgumentException(
                    "--size " + size.toHuman() + " is too small to be timed; accepted: 16Mi and more");
        }
    }

    private int measure(PrintStream out) {
        List<Row> rows = new ArrayList<>();
        int failed = 0;
        if (!json) {
            out.println(Table.header());
        }
        Consumer<Row> each = row -> {
            rows.add(row);
            if (!json) {
                out.println(Table.line(row));
            }
        };
        MasterBench.Load masterLoad = load;
        if (masterLoad != null) {
            try {
                MasterBench.run(launcher(efc), masterLoad, each);
            } catch (BenchException | RpcException | IllegalStateException e) {
                failed++;
                System.err.println("efc bench: " + e.getMessage());
            }
        }
        for (Scenario scenario : masterLoad == null ? chosen() : List.<Scenario>of()) {
            try (Bench bench = new Bench(launcher(efc), size)) {
                scenario.run(bench, each);
            } catch (BenchException | IllegalStateException e) {
                failed++;
                System.err.println("efc bench: " + String.join(", ", scenario.names()) + ":\n  " + e.getMessage());
            }
        }
        if (json) {
            out.println(Table.json(rows));
        }
        return failed == 0 ? 0 : 1;
    }

    private List<Scenario> chosen() {
        return SCENARIOS.stream()
                .filter(s -> s.names().stream()
                        .anyMatch(n -> n.toLowerCase(Locale.ROOT).contains(wanted)))
                .toList();
    }

    /** {@code --efc}, else the script three folders above the build that runs, which {@code efc.dist} names. */
    static Path launcher(@Nullable Path named) {
        Path given = named;
        if (given == null) {
            String dist = System.getProperty("efc.dist", "cli/target/dist");
            given = Path.of(dist)
                    .toAbsolutePath()
                    .normalize()
                    .resolve("../../../efc")
                    .normalize();
        }
        if (!Files.isExecutable(given)) {
            throw new BenchException("there is no launcher " + given + "; name one with --efc");
        }
        return given;
    }

    static boolean isJson(String format) {
        if (!format.equals("json")) {
            throw new IllegalArgumentException("-o knows json, not " + format);
        }
        return true;
    }

    private static int number(String[] args, int at) {
        String text = value(args, at);
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(args[at - 1] + " needs a number, not " + text, e);
        }
    }

    private static String value(String[] args, int at) {
        if (at >= args.length) {
            throw new IllegalArgumentException("a value is missing behind " + args[at - 1]);
        }
        return args[at];
    }
}
