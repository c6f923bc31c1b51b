package io.efc.testing.bench;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A cluster of real processes, started by {@code efc up} in a run directory of its own in front of an NFS server, ended by {@code
 * efc down}.
 */
final class Cluster implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int HTTP_MILLIS = 5000;

    private final Path efc;
    private final Path home;
    private final List<Member> members = new ArrayList<>();

    private Cluster(Path efc, Path home) {
        this.efc = efc;
        this.home = home;
    }

    /** A process of the cluster, as its record in the run directory tells. */
    record Member(String name, String component, long pid, String address, int metricsPort) {
        double cpuSeconds() {
            return Machine.cpuSeconds(pid);
        }

        /** The sum of a metric's series whose labels contain {@code label}. */
        double metric(String metric, String label) {
            double sum = 0;
            for (String line : page().lines().toList()) {
                boolean named = line.startsWith(metric + "{") || line.startsWith(metric + " ");
                if (named && line.contains(label)) {
                    sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
                }
            }
            return sum;
        }

        private String page() {
            try {
                HttpURLConnection http = (HttpURLConnection) URI.create("http://127.0.0.1:" + metricsPort + "/metrics")
                        .toURL()
                        .openConnection();
                http.setConnectTimeout(HTTP_MILLIS);
                http.setReadTimeout(HTTP_MILLIS);
                try (var in = http.getInputStream()) {
                    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
                }
            } catch (IOException e) {
                throw new BenchException(name + " shows no metrics: " + e.getMessage(), e);
            }
        }
    }

    /**
     * Starts one.
     *
     * @param efc the launcher
     * @param home a directory for the run, made if absent
     * @param nfsPort of the server on 127.0.0.1 whose export is /export
     * @param quota of each worker's tier in /dev/shm, as Kubernetes writes it
     * @param readOnly whether the dataset may not be written
     * @param consistency of the mounts
     */
    static Cluster up(
            Path efc, Path home, int nfsPort, int workers, String quota, boolean readOnly, String consistency) {
        Cluster cluster = new Cluster(efc, home);
        try {
            Files.createDirectories(home);
            Path manifest = home.resolve("bench.yaml");
            Files.writeString(manifest, manifest(nfsPort, workers, quota, readOnly, consistency));
            cluster.efc("up", "-f", manifest.toString());
            cluster.readMembers();
            return cluster;
        } catch (IOException e) {
            throw new BenchException("cannot write into " + home + ": " + e.getMessage(), e);
        }
    }

    /** Where the first or second client is mounted. */
    Path mount(int number) {
        return Path.of(client(number).address());
    }

    /** The first or second client. */
    Member client(int number) {
        List<Member> clients = of("client");
        if (clients.size() < number) {
            throw new BenchException("the cluster has " + clients.size() + " mounts: " + members);
        }
        return clients.get(number - 1);
    }

    /** All processes that play this part. */
    List<Member> of(String component) {
        return members.stream().filter(m -> m.component.equals(component)).toList();
    }

    /** CPU time so far of one client and all workers. */
    double cpuSeconds(int client) {
        return client(client).cpuSeconds()
                + of("worker").stream().mapToDouble(Member::cpuSeconds).sum();
    }

    @Override
    public void close() {
        efc("down");
    }

    private void efc(String... arguments) {
        List<String> command = new ArrayList<>(List.of(efc.toString()));
        command.addAll(List.of(arguments));
        Commands.run(LIMIT, Map.of("EFC_HOME", home.toString(), "EFC_NO_BUILD", "1"), command);
    }

    private void readMembers() throws IOException {
        try (Stream<Path> files = Files.list(home.resolve("run"))) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
                String json = Files.readString(file);
                members.add(new Member(
                        field(json, "name"),
                        field(json, "component"),
                        Long.parseLong(field(json, "pid")),
                        field(json, "address"),
                        Integer.parseInt(field(json, "metricsPort"))));
            }
        }
    }

    /** The records are flat: names and strings without escapes, and numbers. */
    private static String field(String json, String name) {
        Matcher m = Pattern.compile("\"" + name + "\"\\s*:\\s*\"?([^\",}\\s]*)").matcher(json);
        if (!m.find()) {
            throw new BenchException("a process record has no " + name + ": " + json);
        }
        return m.group(1);
    }

    private static String manifest(int nfsPort, int workers, String quota, boolean readOnly, String consistency) {
        return """
                apiVersion: data.fluid.io/v1alpha1
                kind: Dataset
                metadata: {name: bench}
                spec:
                  placement: Shared
                  mounts:
                    - {mountPoint: "nfs://127.0.0.1:/export", name: efc, path: "/", readOnly: %s, options: {port: "%d", nconnect: "4"}}
                ---
                apiVersion: data.fluid.io/v1alpha1
                kind: EFCRuntime
                metadata: {name: bench}
                spec:
                  replicas: %d
                  master: {networkMode: ContainerNetwork}
                  worker: {networkMode: ContainerNetwork}
                  fuse: {networkMode: ContainerNetwork, properties: {consistency: "%s"}}
                  tieredstore: {levels: [{mediumtype: MEM, path: /dev/shm, quota: %s}]}
                """.formatted(readOnly, nfsPort, workers, consistency, quota);
    }
}
