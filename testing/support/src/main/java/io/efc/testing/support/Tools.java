package io.efc.testing.support;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Programs that come with the distribution's packages. */
public final class Tools {
    /** Which Debian package brings a program whose name it does not bear. */
    private static final Map<String, String> PACKAGES = Map.of(
            "ganesha.nfsd", "nfs-ganesha nfs-ganesha-vfs",
            "nfs-ls", "libnfs-utils",
            "nfs-cp", "libnfs-utils",
            "nfs-cat", "libnfs-utils",
            "setfattr", "attr",
            "getfattr", "attr",
            "setfacl", "acl",
            "getfacl", "acl",
            "mkfs.ext4", "e2fsprogs");

    private Tools() {}

    /** Where {@code program} is, in PATH or in the folders of the superuser. */
    public static Optional<Path> find(String program) {
        String path = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + "/usr/sbin:/usr/bin:/sbin:/bin";
        for (String folder : path.split(File.pathSeparator, -1)) {
            Path candidate = Path.of(folder.isEmpty() ? "." : folder, program);
            if (Files.isExecutable(candidate) && !Files.isDirectory(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /**
     * Where {@code program} is.
     *
     * @throws IllegalStateException with one line that names the package to install
     */
    public static Path require(String program) {
        return find(program)
                .orElseThrow(() -> new IllegalStateException("the program '" + program
                        + "' is not installed: apt-get install " + PACKAGES.getOrDefault(program, program)));
    }
}
