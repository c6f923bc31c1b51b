package io.efc.cli.internal;

import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A tier on a command line: {@code MEM:/dev/shm/efc:2147483648:0.95:0.9}.
 *
 * @param medium MEM, SSD or HDD
 * @param directory the worker's own
 * @param quota bytes
 */
record TierOption(String medium, Path directory, long quota, double high, double low) {
    /** For picocli. */
    static final class Converter implements ITypeConverter<TierOption> {
        @Override
        public TierOption convert(String text) {
            String[] f = text.split(":", -1);
            try {
                return new TierOption(
                        f[0], Path.of(f[1]), Long.parseLong(f[2]), Double.parseDouble(f[3]), Double.parseDouble(f[4]));
            } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
                throw new TypeConversionException(
                        "'" + text + "' is no tier; accepted: MEDIUM:DIRECTORY:BYTES:HIGH:LOW, such as"
                                + " MEM:/dev/shm/efc:2147483648:0.95:0.9");
            }
        }
    }

    @Override
    public String toString() {
        return medium + ":" + directory + ":" + quota + ":" + high + ":" + low;
    }
}
