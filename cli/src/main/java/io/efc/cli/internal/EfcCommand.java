package io.efc.cli.internal;

import io.efc.api.ManifestException;
import io.efc.rpc.RpcException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code efc} and the one place where a command's failure becomes a message and an exit code. */
@Command(
        name = "efc",
        description = "EFC, an elastic file client: a NAS behind a FUSE mount and a cache in the memory of many nodes.",
        synopsisSubcommandLabel = "COMMAND",
        usageHelpAutoWidth = true,
        subcommands = {
            UpCommand.class,
            DownCommand.class,
            GetCommand.class,
            DescribeCommand.class,
            MountCommand.class,
            UmountCommand.class,
            DemoCommand.class,
            BenchCommand.class,
            SimulateCommand.class,
            DoctorCommand.class,
            VersionCommand.class,
            CompletionCommand.class,
            AotTrainingCommand.class,
            MasterProcess.class,
            WorkerProcess.class,
            ClientProcess.class,
            NfsServerProcess.class
        })
public final class EfcCommand implements Callable<Integer> {
    @SuppressWarnings("NullAway.Init") // set by picocli
    @Spec
    private CommandSpec spec;

    /** Runs the command line {@code args}; returns the exit code. */
    public static int run(String... args) {
        return commandLine().execute(args);
    }

    /** The parsed model of the whole command, also read by the shell completion. */
    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new EfcCommand());
        addHelp(line);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler(EfcCommand::refuse);
        line.setExecutionExceptionHandler((failure, command, parsed) -> report(failure, command));
        return line;
    }

    private static void addHelp(CommandLine line) {
        line.getCommandSpec().addMixin("help", CommandSpec.forAnnotatedObject(new HelpOption()));
        line.getSubcommands().values().forEach(EfcCommand::addHelp);
    }

    private static int refuse(ParameterException e, String[] args) {
        PrintWriter err = e.getCommandLine().getErr();
        err.println("efc: " + e.getMessage());
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, err)) {
            String name = e.getCommandLine().getCommandSpec().qualifiedName();
            err.println("'" + name + " --help' shows what is accepted.");
        }
        return 2;
    }

    private static int report(Exception failure, CommandLine command) {
        PrintWriter err = command.getErr();
        switch (failure) {
            case Failure f -> err.println("efc: " + f.getMessage());
            case RpcException r -> err.println("efc: " + r.getMessage());
            case ManifestException m -> m.problems().forEach(p -> err.println("efc: " + p));
            default -> {
                err.println(
                        "efc: unexpected " + failure + "; this is a defect of EFC, please report it with this trace");
                failure.printStackTrace(err);
            }
        }
        err.flush();
        return 1;
    }

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getOut());
        return 0;
    }
}
