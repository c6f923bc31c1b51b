package io.efc.cli.internal;

import io.efc.testing.bench.Main;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** {@code efc bench}: the measurements of testing/bench, each beside its reference. */
@Command(
        name = "bench",
        description =
                "Measure EFC beside its references: efc bench quick [-o json] [--rows TEXT] [--size SIZE] [--list],"
                        + " efc bench metadata [-o json] [--files N],"
                        + " efc bench master [-o json] [--sessions N] [--leases N].")
final class BenchCommand implements Callable<Integer> {
    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() {
        if (arguments.contains("quick") && !arguments.contains("--list")) {
            Packages.require("ganesha.nfsd", "the server that is measured", "nfs-ganesha", "nfs-ganesha-vfs");
            Packages.require("rpcbind", "NFSv3, which the reference speaks", "rpcbind");
            Packages.require("nfs-cp", "the reference", "libnfs-utils", "libnfs-dev");
            Packages.require("gcc", "the reference", "gcc", "libc6-dev");
            Packages.require("fio", "random reads", "fio");
        }
        return Main.run(arguments.toArray(String[]::new));
    }
}
