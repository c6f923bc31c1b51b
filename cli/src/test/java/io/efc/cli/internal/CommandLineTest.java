package io.efc.cli.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What a wrong command line is answered with. */
class CommandLineTest {
    private record Result(int exitCode, String err) {}

    private static Result run(String... args) {
        StringWriter err = new StringWriter();
        CommandLine line = EfcCommand.commandLine().setErr(new PrintWriter(err, true));
        return new Result(line.execute(args), err.toString());
    }

    @Test
    void suggestsTheCommandThatWasMeant() {
        Result result = run("doctr");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains("efc: Unmatched argument", "'doctr'", "Did you mean: efc doctor");
    }

    @Test
    void namesTheMissingOption() {
        Result result = run("demo", "read-twice");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains("--size").contains("'efc demo read-twice --help' shows what is accepted");
    }

    @Test
    void refusesASizeThatIsNone() {
        Result result = run("demo", "read-twice", "--size", "15Gx");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains("'15Gx' is not a size; accepted: a number with an optional suffix");
    }

    @Test
    void failuresAreOneMessageAndExitCodeOne() {
        Result result = run("up", "-f", "/absent.yaml");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err())
                .isEqualTo(
                        "efc: there is no file /absent.yaml; accepted: a YAML file with a Dataset and an EFCRuntime, such as"
                                + " examples/quickstart.yaml\n");
    }

    @Test
    void refusesNumbersOfSeedsThatAreNone() {
        for (String seeds : new String[] {"0", "-1", "x", "1000000001"}) {
            Result result = run("simulate", "leases", "--seeds", seeds);
            assertThat(result.exitCode()).isEqualTo(2);
            assertThat(result.err()).contains("--seeds", "'" + seeds + "'", "accepted: 1 to 1000000000");
        }
        assertThat(run("simulate", "leases", "--seeds", "1", "--from", "y").err())
                .contains("--from", "'y'", "accepted: -9223372036854775808 to");
    }

    @Test
    void everyCommandHasHelpThatNamesIt() {
        EfcCommand.commandLine().getSubcommands().forEach((name, command) -> {
            assertThat(command.getUsageMessage())
                    .as(name)
                    .contains("Usage: efc " + name)
                    .contains("--help");
            assertThat(command.getCommandSpec().usageMessage().description())
                    .as(name)
                    .isNotEmpty();
        });
    }

    @Test
    void theCompletionKnowsTheCommands() {
        assertThat(picocli.AutoComplete.bash("efc", EfcCommand.commandLine()))
                .contains("read-twice", "doctor", "--size");
    }
}
