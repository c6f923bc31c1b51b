package io.efc.cli.internal;

import io.efc.base.ByteSize;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code efc demo}: experiments with what runs. */
@Command(
        name = "demo",
        description = "Experiments with the dataset that runs.",
        subcommands = {DemoCommand.ReadTwiceCommand.class, CoherenceCommand.class})
final class DemoCommand implements Callable<Integer> {
    @Override
    public Integer call() {
        throw new Failure(
                "which experiment? accepted: efc demo read-twice --size 1GiB, efc demo coherence --pairs 100000");
    }

    /** Sizes on command lines. */
    static final class SizeConverter implements ITypeConverter<ByteSize> {
        @Override
        public ByteSize convert(String text) {
            try {
                return ByteSize.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }
    }

    /** {@code efc demo read-twice}: two mounts read the same large file one after the other. */
    @Command(
            name = "read-twice",
            description = {
                "Write a random file straight to the export and read it through the first mount, then through the second, the kernel's"
                        + " cache dropped before each; compare SHA-256 and say where the bytes came from.",
                "The first pays for the store; the second is served from the workers' memory."
            })
    static final class ReadTwiceCommand implements Callable<Integer> {
        @Option(
                names = "--size",
                paramLabel = "SIZE",
                required = true,
                converter = SizeConverter.class,
                description = "1GiB, 512MiB ...; may be more than the workers hold.")
        private ByteSize size = new ByteSize(0);

        @Option(names = "-o", paramLabel = "FORMAT", description = "table or json.", defaultValue = "table")
        private Output.Format format = Output.Format.table;

        @Override
        public Integer call() {
            if (size.bytes() == 0) {
                throw new Failure("--size 0 leaves nothing to read; accepted: 1MiB or more, such as 1GiB");
            }
            ReadTwice.Outcome outcome = new ReadTwice(RunDirectory.standard(), size.bytes()).run();
            System.out.println(
                    format == Output.Format.table
                            ? ReadTwiceText.of(outcome)
                            : Output.text(outcome.toResult(), format));
            return outcome.isIntact() ? 0 : 1;
        }
    }
}
