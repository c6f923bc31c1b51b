package io.efc.fuse;

import io.efc.base.Check;
import io.efc.base.Metrics;
import io.efc.base.Sockets;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A process that serves a {@link ControlledFileSystem}. {@code mount DIR [option...]} mounts, {@code attach SOCKET [option...]} receives a
 * descriptor. Prints READY, or what is wrong; then each line of standard input is a command, answered with a line. Lives on after the
 * mount until the input ends.
 */
final class ServeMain {
    private final ControlledFileSystem fs = new ControlledFileSystem();
    private final Metrics metrics = new Metrics();
    private final FuseServer server;

    private ServeMain(String[] args) {
        List<String> options = List.of(args).subList(2, args.length);
        FuseConfig d = FuseConfig.defaults("memory");
        FuseConfig config = new FuseConfig(
                d.fsName(),
                d.subtype(),
                options.contains("ro"),
                true,
                true,
                d.readers(),
                d.maxWriteBytes(),
                d.maxReadaheadBytes(),
                d.maxBackground(),
                options.contains("writeback"),
                !options.contains("writeback"),
                options.contains("explicit"));
        if (options.contains("slow")) {
            fs.slowMillis = 100;
        }
        if (args[0].equals("mount")) {
            server = FuseServer.mount(config, Path.of(args[1]), fs, metrics);
        } else {
            int socket = connect(args[1]);
            FuseDescriptors.Received r = FuseDescriptors.receive(socket);
            server = FuseServer.attach(
                    r.descriptors().getFirst(), config, FuseNegotiated.ofBytes(r.data()), fs, metrics);
        }
    }

    private static int connect(String path) {
        try (Arena arena = Arena.ofConfined()) {
            int socket = Sockets.socket(Sockets.AF_UNIX, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0);
            MemorySegment address = Sockets.address(arena, Path.of(path));
            int result = Sockets.connect(socket, address, (int) address.byteSize());
            Check.state(result == 0, "connect failed with %d", result);
            return socket;
        }
    }

    @SuppressWarnings("SystemOut")
    public static void main(String[] args) throws IOException {
        ServeMain main;
        try {
            main = new ServeMain(args);
        } catch (FuseException e) {
            System.out.println("FAILED " + e.getMessage());
            System.exit(1);
            return;
        }
        System.out.println("READY");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String answer;
            try {
                answer = main.command(line.split(" ", -1));
            } catch (RuntimeException | InterruptedException e) {
                answer = "FAILED " + e.getMessage();
            }
            System.out.println(answer);
        }
        System.exit(0);
    }

    private @Nullable String command(String[] c) throws InterruptedException {
        return switch (c[0]) {
            case "put" -> ok(() -> fs.put(c[1], c[2]));
            case "move" -> ok(() -> fs.move(c[1], c[2]));
            case "slow" -> ok(() -> fs.slowMillis = Integer.parseInt(c[1]));
            case "keep" -> ok(() -> fs.keepCache = Boolean.parseBoolean(c[1]));
            case "backing" -> ok(() -> fs.passThrough(c[1], c[2]));
            case "unbacking" -> fs.endPassThrough(c[1]).toString();
            case "resend" -> ok(server::resend);
            case "resent" -> fs.resent.toString();
            case "detach" -> ok(server::detach);
            case "unmount" -> ok(server::unmount);
            case "close" -> ok(server::close);
            case "ended" -> Boolean.toString(server.awaitEnd(10, TimeUnit.SECONDS));
            case "stops" -> fs.starts.get() + " " + fs.stops.get();
            case "where" -> String.valueOf(server.mountPoint().orElse(null));
            case "send" ->
                ok(() -> FuseDescriptors.send(connect(c[1]), server.negotiated().toBytes(), server.descriptor()));
            case "requests" ->
                Long.toString(metrics.counter("efc_fuse_requests_total", "", "op", c[1])
                        .value());
            case "gauge" -> gauge(c[1]);
            default -> notification(c);
        };
    }

    private String gauge(String name) {
        StringBuilder text = new StringBuilder();
        metrics.writePrometheus(text);
        return text.toString()
                .lines()
                .filter(l -> l.startsWith(name + " "))
                .findFirst()
                .orElseThrow()
                .substring(name.length() + 1);
    }

    private String notification(String[] c) throws InterruptedException {
        FuseNotifier n = java.util.Objects.requireNonNull(fs.notifier);
        byte[] name = c.length > 1 ? c[1].getBytes(StandardCharsets.UTF_8) : new byte[0];
        switch (c[0]) {
            case "inval-inode" -> n.invalidateInode(fs.id(c[1]), 0, 0);
            case "inval-attr" -> n.invalidateInode(fs.id(c[1]), -1, 0);
            case "inval-entry" -> n.invalidateEntry(FuseFileSystem.ROOT, name, false);
            case "expire" -> n.invalidateEntry(FuseFileSystem.ROOT, name, true);
            case "delete" -> n.delete(FuseFileSystem.ROOT, Long.parseLong(c[2]), name);
            case "epoch" -> n.incrementEpoch();
            case "store" -> {
                byte[] bytes = c[2].getBytes(StandardCharsets.UTF_8);
                MemorySegment m = Arena.ofAuto().allocateFrom(ValueLayout.JAVA_BYTE, bytes);
                n.store(fs.id(c[1]), 0, m, 0, bytes.length);
            }
            default -> throw new IllegalArgumentException("command " + c[0]);
        }
        n.drain(10_000_000_000L);
        return "ok";
    }

    private static String ok(Runnable action) {
        action.run();
        return "ok";
    }
}
