package io.efc.cli.internal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.efc.base.Metrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** A process's /metrics (Prometheus) and /healthz on a loopback port. Runs on a thread of its own. */
final class HttpEndpoint implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads;

    /**
     * Listens.
     *
     * @param port 0 for a free one
     * @param health empty if the process is well, else what is wrong
     */
    HttpEndpoint(int port, Metrics metrics, Supplier<String> health) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 8);
        } catch (IOException e) {
            throw new Failure(
                    "the metrics port " + port + " cannot be used: " + e.getMessage()
                            + "; accepted: a free port, 0 for any",
                    e);
        }
        threads = Executors.newFixedThreadPool(
                2, Thread.ofPlatform().daemon().name("http-", 0).factory());
        server.setExecutor(threads);
        server.createContext("/metrics", exchange -> {
            StringBuilder text = new StringBuilder();
            metrics.writePrometheus(text);
            answer(exchange, 200, "text/plain; version=0.0.4", text.toString());
        });
        server.createContext("/healthz", exchange -> {
            String wrong = health.get();
            answer(exchange, wrong.isEmpty() ? 200 : 503, "text/plain", (wrong.isEmpty() ? "ok" : wrong) + "\n");
        });
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        try (exchange) {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
    }
}
