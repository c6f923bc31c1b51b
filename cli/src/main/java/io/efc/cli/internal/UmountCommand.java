package io.efc.cli.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code efc umount}: takes one of EFC's mounts away and ends its process. */
@Command(name = "umount", description = "Take a mount of EFC away and end its process.")
final class UmountCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIRECTORY", description = "Where it is mounted.")
    private Path target = Path.of("");

    @Override
    public Integer call() {
        Path at = MountPoint.canonical(target);
        RunDirectory run = RunDirectory.standard();
        Optional<ProcessRecord> record = run.processes().stream()
                .filter(r -> r.component().equals("client"))
                .filter(r -> r.address().equals(at.toString()) || at.toString().equals(r.details()))
                .findFirst();
        Optional<Mounts.Mount> mount = Mounts.at(at).filter(Mounts.Mount::isEfc);
        if (record.isEmpty() && mount.isEmpty()) {
            throw new Failure("nothing of EFC is mounted at " + at + "; accepted: " + accepted());
        }
        Teardown teardown = new Teardown(run);
        List<String> remarks = new ArrayList<>();
        record.ifPresent(r -> remarks.addAll(teardown.one(r)));
        if (record.isEmpty()) {
            teardown.unmount(at);
        }
        remarks.forEach(r -> System.err.println("efc: " + r));
        return Mounts.at(at).filter(Mounts.Mount::isEfc).isPresent() ? 1 : 0;
    }

    private static String accepted() {
        List<String> targets = Mounts.all().stream()
                .filter(Mounts.Mount::isEfc)
                .map(Mounts.Mount::target)
                .toList();
        return targets.isEmpty() ? "there is none" : String.join(", ", targets);
    }
}
