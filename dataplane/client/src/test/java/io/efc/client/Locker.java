package io.efc.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A program that locks files as it is told, and says what came of it: {@code ok}, an errno's name, or what was asked for. */
final class Locker implements AutoCloseable {
    private static final long ANSWER_SECONDS_MAX = 40;

    private static final String SCRIPT = """
            import errno, fcntl, os, signal, struct, sys

            FILES = {}
            TYPES = {'r': fcntl.F_RDLCK, 'w': fcntl.F_WRLCK, 'u': fcntl.F_UNLCK}
            FLOCKS = {'r': fcntl.LOCK_SH, 'w': fcntl.LOCK_EX, 'u': fcntl.LOCK_UN}

            def interrupted(number, frame):
                raise InterruptedError(errno.EINTR, 'interrupted')

            signal.signal(signal.SIGALRM, interrupted)

            def lock(command, name, kind, start, length):
                wanted = struct.pack('@hhqqi4x', TYPES[kind], os.SEEK_SET, int(start), int(length), 0)
                return struct.unpack('@hhqqi4x', fcntl.fcntl(FILES[name], command, wanted))

            def do(words):
                verb, args = words[0], words[1:]
                if verb == 'open':
                    FILES[args[0]] = os.open(args[1], os.O_RDWR | os.O_CREAT, 0o644)
                elif verb == 'dup':
                    FILES[args[1]] = os.dup(FILES[args[0]])
                elif verb == 'close':
                    os.close(FILES.pop(args[0]))
                elif verb == 'try':
                    lock(fcntl.F_SETLK, *args)
                elif verb == 'wait':
                    lock(fcntl.F_SETLKW, *args)
                elif verb == 'ofd':
                    lock(fcntl.F_OFD_SETLK, *args)
                elif verb == 'get':
                    kind, whence, start, length, pid = lock(fcntl.F_GETLK, *args)
                    return 'free' if kind == fcntl.F_UNLCK else '%s %d %d %d' % ('rw'[kind == fcntl.F_WRLCK], start, length, pid)
                elif verb == 'flock':
                    fcntl.flock(FILES[args[0]], FLOCKS[args[1]] | fcntl.LOCK_NB)
                elif verb == 'flockwait':
                    fcntl.flock(FILES[args[0]], FLOCKS[args[1]])
                elif verb == 'alarm':
                    signal.setitimer(signal.ITIMER_REAL, int(args[0]) / 1000)
                elif verb == 'read':
                    return os.pread(FILES[args[0]], 100, 0).decode() or 'nothing'
                elif verb == 'write':
                    os.pwrite(FILES[args[0]], args[1].encode(), 0)
                elif verb == 'count':
                    for i in range(int(args[2])):
                        fcntl.flock(FILES[args[0]], fcntl.LOCK_EX) if args[1] == 'flock' else lock(fcntl.F_SETLKW, args[0], 'w', 0, 0)
                        value = int(os.pread(FILES[args[0]], 100, 0) or b'0') + 1
                        os.pwrite(FILES[args[0]], b'%d' % value, 0)
                        fcntl.flock(FILES[args[0]], fcntl.LOCK_UN) if args[1] == 'flock' else lock(fcntl.F_SETLK, args[0], 'u', 0, 0)
                return 'ok'

            for line in sys.stdin:
                try:
                    print(do(line.split()), flush=True)
                except OSError as e:
                    print('EDEADLK' if e.errno == errno.EDEADLK else errno.errorcode[e.errno], flush=True)
            """;

    private final Process process;
    private final BufferedReader out;

    Locker(Path beside) throws IOException {
        Path script = Files.writeString(beside.resolve("locker.py"), SCRIPT);
        process = new ProcessBuilder("python3", script.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        out = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Begins what the words say; the answer comes later. */
    CompletableFuture<String> begin(String... words) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write((String.join(" ", words) + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        String line = out.readLine();
                        return line == null ? "gone" : line;
                    } catch (IOException e) {
                        return e.toString();
                    }
                },
                reading -> Thread.ofPlatform().daemon().start(reading));
    }

    /** Does what the words say, and answers. */
    String tell(String... words) throws IOException {
        return answer(begin(words));
    }

    /** The answer of {@link #begin}. */
    static String answer(CompletableFuture<String> begun) throws IOException {
        try {
            return begun.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new IOException("no answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** Whether what was begun still waits a moment later. */
    static boolean waits(CompletableFuture<String> begun) throws InterruptedException, ExecutionException {
        try {
            begun.get(300, TimeUnit.MILLISECONDS);
            return false;
        } catch (TimeoutException e) {
            return true;
        }
    }

    long pid() {
        return process.pid();
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            assertThat(process.waitFor(ANSWER_SECONDS_MAX, TimeUnit.SECONDS))
                    .as("the program ends")
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
