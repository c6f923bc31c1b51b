package io.efc.cli.internal;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code efc completion}: a script that completes efc's commands and options; sourced by bash or zsh. */
@Command(name = "completion", description = "Print a completion script: source <(efc completion bash).")
final class CompletionCommand implements Callable<Integer> {
    /** The shells served. */
    enum Shell {
        bash,
        zsh
    }

    @Parameters(paramLabel = "SHELL", description = "One of ${COMPLETION-CANDIDATES}.")
    private Shell shell = Shell.bash;

    @Override
    public Integer call() {
        String script = AutoComplete.bash("efc", EfcCommand.commandLine());
        if (shell == Shell.zsh) {
            System.out.println("autoload -U +X compinit && compinit");
            System.out.println("autoload -U +X bashcompinit && bashcompinit");
        }
        System.out.println(script);
        return 0;
    }
}
