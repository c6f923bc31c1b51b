package io.efc.cli.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Looks at this machine for what EFC needs and for what an earlier run left behind. Changes nothing. */
final class Diagnosis {
    /** How bad a finding is. */
    enum State {
        /** As it should be. */
        ok,
        /** EFC works, but less well than it could, or something wants tidying. */
        warn,
        /** EFC cannot work. */
        fail
    }

    /**
     * One thing that was looked at.
     *
     * @param found what is there
     * @param remedy what to do; empty if nothing
     */
    record Finding(String check, State state, String found, String remedy) {}

    /** Kernel with FUSE passthrough (6.9), the newest feature the client gains from. */
    private static final int[] KERNEL_WANTED = {6, 9};

    /** Kernel that the client needs: FUSE 7.31, copied ranges and batch forget. */
    private static final int[] KERNEL_NEEDED = {5, 4};

    /** Descriptors one client may need: connections, tier files of passthrough opens, reader descriptors. */
    private static final long OPEN_FILES_WANTED = 65_536;

    private static final Path MAX_PAGES = Path.of("/proc/sys/fs/fuse/max_pages_limit");

    private final RunDirectory run;
    private final List<Finding> findings = new ArrayList<>();

    Diagnosis(RunDirectory run) {
        this.run = run;
    }

    List<Finding> findings() {
        kernel();
        fuse();
        user();
        limits();
        java();
        port(Blueprint.NFS_PORT);
        leftovers();
        tool("ganesha.nfsd", State.warn, "nfs-ganesha nfs-ganesha-vfs", "the NFS server of the quickstart");
        tool("nfs-cp", State.warn, "libnfs-utils", "the reference of `efc bench`");
        return findings;
    }

    private void ok(String check, String found) {
        findings.add(new Finding(check, State.ok, found, ""));
    }

    private void bad(String check, State state, String found, String remedy) {
        findings.add(new Finding(check, state, found, remedy));
    }

    private void kernel() {
        String release = System.getProperty("os.version");
        if (!System.getProperty("os.name").equals("Linux")) {
            bad("kernel", State.fail, System.getProperty("os.name"), "EFC runs on Linux only");
        } else if (!atLeast(release, KERNEL_NEEDED)) {
            bad("kernel", State.fail, release, "EFC needs Linux 5.4 or newer");
        } else if (!atLeast(release, KERNEL_WANTED)) {
            bad(
                    "kernel",
                    State.warn,
                    release,
                    "from Linux 6.9 on whole cached files are read without a copy (FUSE passthrough)");
        } else {
            ok("kernel", release);
        }
    }

    /** Whether a kernel release such as {@code 6.18.44-fc} is {@code wanted} or newer. */
    static boolean atLeast(String release, int[] wanted) {
        String[] parts = release.split("[.-]", -1);
        for (int i = 0; i < wanted.length; i++) {
            int part = i < parts.length && parts[i].matches("[0-9]+") ? Integer.parseInt(parts[i]) : 0;
            if (part != wanted[i]) {
                return part > wanted[i];
            }
        }
        return true;
    }

    private void fuse() {
        Path device = Path.of("/dev/fuse");
        if (!Files.exists(device)) {
            bad(
                    "/dev/fuse",
                    State.fail,
                    "absent",
                    "load the module (modprobe fuse); in a container, give it the device /dev/fuse");
        } else if (!Files.isReadable(device) || !Files.isWritable(device)) {
            bad("/dev/fuse", State.fail, "may not be opened by this user", "run as root");
        } else {
            ok("/dev/fuse", "present");
        }
    }

    private void user() {
        int uid = RunDirectory.uid();
        if (uid == 0) {
            ok("user", "root");
        } else {
            bad("user", State.fail, "uid " + uid, "mounting needs root: sudo efc ...");
        }
    }

    private void limits() {
        long files = limit("Max open files");
        if (files < OPEN_FILES_WANTED) {
            bad(
                    "open files",
                    State.warn,
                    Long.toString(files),
                    "ulimit -n " + OPEN_FILES_WANTED + " before `efc up`, or LimitNOFILE= of its unit");
        } else {
            ok("open files", files == Long.MAX_VALUE ? "unlimited" : Long.toString(files));
        }
        long locked = limit("Max locked memory");
        ok("locked memory", locked == Long.MAX_VALUE ? "unlimited" : locked + " bytes");
        try {
            // A sysctl gives its value to the first read(2) only; Files.readString begins with one of a single byte.
            long pages = Long.parseLong(Files.readAllLines(MAX_PAGES).getFirst().strip());
            if (pages < 256) {
                bad("request size", State.warn, pages + " pages", "echo 256 > " + MAX_PAGES);
            } else {
                ok("request size", pages + " pages a FUSE request (" + MAX_PAGES + ")");
            }
        } catch (IOException | NumberFormatException e) {
            ok("request size", "256 pages a FUSE request (the kernel has no " + MAX_PAGES + ")");
        }
    }

    /** The soft limit of that name in /proc/self/limits. */
    private static long limit(String name) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/limits"))) {
            return lines.filter(l -> l.startsWith(name))
                    .map(l -> l.substring(26).strip().split("\\s+", 2)[0])
                    .mapToLong(v -> v.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(v))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new Failure("/proc/self/limits cannot be read", e);
        }
    }

    private void java() {
        int feature = Runtime.version().feature();
        String found = Runtime.version() + " in " + System.getProperty("java.home");
        if (feature < 25) {
            bad("JDK", State.fail, found, "EFC needs JDK 25: set JAVA_HOME to one");
        } else {
            ok("JDK", found);
        }
    }

    private void port(int port) {
        if (run.processes().stream().anyMatch(p -> p.component().equals("nfs-server") && p.isAlive())) {
            ok("port " + port, "used by the NFS server that `efc up` started");
            return;
        }
        try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            ok("port " + probe.getLocalPort(), "free");
        } catch (IOException e) {
            bad(
                    "port " + port,
                    State.warn,
                    "in use",
                    "`efc up` without a file will use the NFS server that listens there; ss -ltnp 'sport = :" + port
                            + "' shows it");
        }
    }

    private void leftovers() {
        List<ProcessRecord> records = run.processes();
        long alive = records.stream().filter(ProcessRecord::isAlive).count();
        if (alive < records.size()) {
            bad(
                    "processes",
                    State.warn,
                    (records.size() - alive) + " of " + records.size() + " that were started are gone",
                    "efc down");
        } else {
            ok("processes", alive == 0 ? "none running" : alive + " running (state in " + run.root() + ")");
        }
        if (records.stream().anyMatch(r -> r.component().equals("master"))) {
            masters(Masters.of(run, records));
        }
        List<String> ours = records.stream()
                .filter(ProcessRecord::isAlive)
                .map(ProcessRecord::address)
                .toList();
        List<Mounts.Mount> stale = Mounts.all().stream()
                .filter(m -> m.isEfc() && !ours.contains(m.target()))
                .toList();
        if (stale.isEmpty()) {
            ok("mounts", "no stray mount of EFC");
        } else {
            bad(
                    "mounts",
                    State.warn,
                    String.join(" ", stale.stream().map(Mounts.Mount::target).toList()),
                    "not known to this run directory; if nobody uses it: efc umount "
                            + stale.getFirst().target());
        }
        tiers(alive > 0);
    }

    private void masters(Masters masters) {
        if (masters.ready() == masters.all().size()) {
            ok("masters", masters.toString());
        } else {
            bad(
                    "masters",
                    State.warn,
                    masters.toString(),
                    masters.haveMajority()
                            ? "the others go on; one more that fails stops all: efc up starts it again"
                            : "none can lead, strong mounts wait: efc up starts them again");
        }
    }

    private void tiers(boolean running) {
        if (running) {
            return;
        }
        try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
            List<Path> left = files.filter(f -> f.getFileName().toString().startsWith(Blueprint.TIER_PREFIX))
                    .toList();
            if (left.isEmpty()) {
                ok("tier files", "none left in /dev/shm");
            } else {
                bad(
                        "tier files",
                        State.warn,
                        left.toString(),
                        "nothing of this run directory runs; efc down removes its own, rm -r the others");
            }
        } catch (IOException e) {
            bad(
                    "tier files",
                    State.warn,
                    "/dev/shm: " + e.getMessage(),
                    "mount a tmpfs on /dev/shm, or give a tier another path");
        }
    }

    private void tool(String program, State state, String packages, String use) {
        if (Packages.find(program).isPresent()) {
            ok(program, "found");
        } else {
            bad(
                    program,
                    state,
                    "absent",
                    String.format(
                            Locale.ROOT, "needed for %s: apt-get install %s (efc does it when needed)", use, packages));
        }
    }
}
