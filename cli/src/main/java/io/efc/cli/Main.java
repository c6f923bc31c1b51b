package io.efc.cli;

import io.efc.cli.internal.EfcCommand;

/** The entry of every EFC process. */
public final class Main {
    private Main() {}

    /** Runs one subcommand and ends the process with its exit code: 0, 1 for a failure, 2 for a wrong command line. */
    public static void main(String[] args) {
        System.exit(EfcCommand.run(args));
    }
}
