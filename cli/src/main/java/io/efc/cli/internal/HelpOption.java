package io.efc.cli.internal;

import picocli.CommandLine.Option;

/** The option that every command has. */
final class HelpOption {
    @SuppressWarnings("UnusedVariable") // picocli reads it and shows the help
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;
}
