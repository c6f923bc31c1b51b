package io.efc.testing.posix;

import io.efc.base.Errno;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Another process in the same directory: what it opens and locks is not ours. */
final class Neighbour {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Process process;
    private final BufferedReader answers;
    private final Writer commands;

    private Neighbour(Process process) {
        this.process = process;
        this.answers = process.inputReader(StandardCharsets.UTF_8);
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
    }

    /** Starts a process that runs {@link NeighbourMain}. */
    static Neighbour start() {
        try {
            return new Neighbour(new ProcessBuilder(JavaCommand.of(NeighbourMain.class))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        } catch (IOException e) {
            throw new IllegalStateException("a second process cannot be started", e);
        }
    }

    long in(String path) {
        return ask("in " + path);
    }

    long open(String name, int flags) {
        return ask("open " + name + " " + flags);
    }

    long close(long fd) {
        return ask("close " + fd);
    }

    long lock(long fd, int command, int type, int start, int length) {
        return ask("lock " + fd + " " + command + " " + type + " " + start + " " + length);
    }

    long getlk(long fd, int type, int start, int length) {
        return ask("getlk " + fd + " " + type + " " + start + " " + length);
    }

    long flock(long fd, int operation) {
        return ask("flock " + fd + " " + operation);
    }

    /** fcntl(2) F_SETLKW on a thread of its own. */
    Waiting lockLater(long fd, int type, int start, int length) {
        return new Waiting(ask("later lock " + fd + " " + Calls.F_SETLKW + " " + type + " " + start + " " + length));
    }

    /** flock(2) on a thread of its own. */
    Waiting flockLater(long fd, int operation) {
        return new Waiting(ask("later flock " + fd + " " + operation));
    }

    /** Ends the process as kill -9 does. */
    void kill() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    private long ask(String command) {
        try {
            commands.write(command + "\n");
            commands.flush();
            String answer = answers.readLine();
            if (answer == null) {
                throw new IllegalStateException("the second process has ended during: " + command);
            }
            return Long.parseLong(answer);
        } catch (IOException e) {
            throw new IllegalStateException("the second process has ended before: " + command, e);
        }
    }

    /** A call under way on a thread of the neighbour. */
    final class Waiting {
        private final long tid;

        private Waiting(long tid) {
            this.tid = tid;
        }

        boolean isDone() {
            return ask("done " + tid) == 1;
        }

        /** Waits until the thread sleeps in its system call, or has ended: true if it sleeps. */
        boolean sleeps() {
            long deadline = System.nanoTime() + LIMIT.toNanos();
            while (System.nanoTime() < deadline) {
                if (isDone()) {
                    return false;
                }
                if (inLockCall()) {
                    return true;
                }
                LockSupport.parkNanos(200_000);
            }
            throw new Broken("the waiting call neither ended nor slept");
        }

        /** Waits until the call has ended, at most so long: whether it has. */
        boolean endsWithin(Duration time) {
            long deadline = System.nanoTime() + time.toNanos();
            while (!isDone()) {
                if (System.nanoTime() > deadline) {
                    return false;
                }
                LockSupport.parkNanos(200_000);
            }
            return true;
        }

        /** The result, for which it waits a bounded time. */
        long result() {
            if (!endsWithin(LIMIT)) {
                kill();
                throw new Broken("a waiting call was not ended within " + LIMIT.toSeconds() + " s");
            }
            return ask("join " + tid);
        }

        /** Sends the thread a signal whose handler does nothing and does not restart calls. */
        void signal() {
            long result = ask("signal " + tid);
            if (result < 0) {
                throw new IllegalStateException("tgkill: " + Errno.ofResult(result));
            }
        }

        /** /proc says the number of the call that a sleeping thread is in, or "running". */
        private boolean inLockCall() {
            Path file = Path.of("/proc/" + process.pid() + "/task/" + tid + "/syscall");
            try (BufferedReader in =
                    new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.US_ASCII))) {
                String line = in.readLine();
                return line != null && isLockCall(line);
            } catch (IOException e) {
                return false;
            }
        }

        private boolean isLockCall(String line) {
            boolean arm = System.getProperty("os.arch").equals("aarch64");
            return line.startsWith(arm ? "25 " : "72 ") || line.startsWith(arm ? "32 " : "73 ");
        }
    }
}
