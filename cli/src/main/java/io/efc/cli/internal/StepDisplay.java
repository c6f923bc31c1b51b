package io.efc.cli.internal;

/** Says on a terminal what a command is doing, in one line that changes; says nothing elsewhere. */
final class StepDisplay {
    private final boolean terminal = Output.isTerminal();

    void step(String what) {
        if (terminal) {
            System.err.print("\r\033[K" + what + " ...");
            System.err.flush();
        }
    }

    void done() {
        if (terminal) {
            System.err.print("\r\033[K");
            System.err.flush();
        }
    }
}
