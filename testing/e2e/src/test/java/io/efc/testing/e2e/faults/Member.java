package io.efc.testing.e2e.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A process of the cluster as its record tells. */
record Member(String name, String component, long pid, String address, int metricsPort) {
    static Member read(Path record) {
        try {
            JsonNode node = new JsonMapper().readTree(record.toFile());
            return new Member(
                    node.get("name").asText(),
                    node.get("component").asText(),
                    node.get("pid").asLong(),
                    node.get("address").asText(),
                    node.get("metricsPort").asInt());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** kill -9. */
    void kill() {
        ProcessHandle.of(pid).ifPresent(p -> {
            p.destroyForcibly();
            p.onExit().join();
        });
    }

    boolean isAlive() {
        return ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent();
    }

    /** The sum of a metric's series. */
    double metric(String metric) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metricsPort + "/metrics"))
                    .build();
            String page = HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body();
            return page.lines()
                    .filter(l -> l.startsWith(metric + "{") || l.startsWith(metric + " "))
                    .mapToDouble(l -> Double.parseDouble(l.substring(l.lastIndexOf(' ') + 1)))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** The regular files in /dev/shm that the process has open, by its descriptors. */
    List<Path> tierFiles() {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return descriptors.filter(Member::isTierFile).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isTierFile(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).startsWith("/dev/shm") && Files.isRegularFile(descriptor);
        } catch (IOException e) {
            return false;
        }
    }
}
