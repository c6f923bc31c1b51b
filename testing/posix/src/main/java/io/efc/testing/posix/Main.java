package io.efc.testing.posix;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Runs the POSIX rules in a directory.
 *
 * <pre>
 * java -cp … io.efc.testing.posix.Main --dir DIRECTORY [--filter TEXT] [-o json] [-v]
 * </pre>
 *
 * Exit code 0: all rules hold or are about something that the file system lacks; 1: a rule is broken; 2: wrong usage.
 */
public final class Main {
    private static final String USAGE =
            "usage: posix --dir DIRECTORY [--filter TEXT] [-o json] [-v]   (as root; DIRECTORY must exist)";

    private Main() {}

    /** Runs and exits. */
    public static void main(String[] args) {
        String directory = "";
        String filter = "";
        boolean json = false;
        boolean verbose = false;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--dir" -> directory = value(args, ++i);
                case "--filter" -> filter = value(args, ++i);
                case "-o" -> json = json(value(args, ++i));
                case "-v" -> verbose = true;
                default -> refuse("unknown argument " + args[i]);
            }
        }
        System.exit(run(directory(directory), filter.toLowerCase(Locale.ROOT), json, verbose));
    }

    private static int run(String directory, String filter, boolean json, boolean verbose) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (Runner runner = new Runner(directory)) {
            List<Verdict> verdicts =
                    runner.run(name -> name.toLowerCase(Locale.ROOT).contains(filter), verdict -> {
                        if (!json && (verbose || verdict.outcome() != Verdict.Outcome.HOLDS)) {
                            out.println(Report.line(verdict));
                        }
                    });
            out.println(json ? Report.json(verdicts) : Report.summary(verdicts, runner.lacking()));
            return Report.count(verdicts, Verdict.Outcome.BROKEN) == 0 ? 0 : 1;
        }
    }

    private static String directory(String given) {
        if (given.isEmpty()) {
            refuse("--dir is missing");
        }
        try {
            Path path = Path.of(given).toRealPath();
            if (!Files.isDirectory(path)) {
                refuse(given + " is not a directory");
            }
            return path.toString();
        } catch (IOException e) {
            refuse(given + " cannot be used: " + e);
            return given;
        }
    }

    private static boolean json(String format) {
        if (!format.equals("json")) {
            refuse("-o knows json, not " + format);
        }
        return true;
    }

    private static String value(String[] args, int at) {
        if (at >= args.length) {
            refuse("a value is missing behind " + args[at - 1]);
        }
        return args[at];
    }

    private static void refuse(String why) {
        System.err.println(why);
        System.err.println(USAGE);
        System.exit(2);
    }
}
