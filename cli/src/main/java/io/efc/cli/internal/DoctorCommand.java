package io.efc.cli.internal;

import io.efc.cli.internal.Diagnosis.Finding;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code efc doctor}: what of this machine EFC needs, whether it is there, and what to do where it is not. */
@Command(
        name = "doctor",
        description = "Check what EFC needs of this machine and say what to do.",
        footer = "Exits with 0 if all that EFC cannot do without is there, else 1.")
final class DoctorCommand implements Callable<Integer> {
    @Option(names = "-o", description = "One of table, json, yaml.", paramLabel = "FORMAT", defaultValue = "table")
    private Output.Format format = Output.Format.table;

    @Override
    public Integer call() {
        List<Finding> findings = new Diagnosis(RunDirectory.standard()).findings();
        if (format == Output.Format.json || format == Output.Format.yaml) {
            System.out.println(Output.text(findings, format));
        } else {
            Table table = new Table("CHECK", "STATE", "FOUND");
            findings.forEach(f -> table.row(f.check(), f.state().name(), f.found()));
            System.out.print(table);
            findings.stream()
                    .filter(f -> !f.remedy().isEmpty())
                    .forEach(f -> System.out.println(f.check() + ": " + f.remedy()));
        }
        return findings.stream().anyMatch(f -> f.state() == Diagnosis.State.fail) ? 1 : 0;
    }
}
