package io.efc.testing.posix;

import io.efc.base.FileCalls;
import io.efc.base.Libc;
import io.efc.base.ThreadCalls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The program of a {@link Neighbour}: reads one command a line, answers each with one line, the number that the call gave.
 *
 * <pre>
 * in PATH                       works in this directory from now on; closes what was open
 * open NAME FLAGS               open(2)
 * close FD                      close(2)
 * lock FD COMMAND TYPE START LENGTH    fcntl(2)
 * getlk FD TYPE START LENGTH    the type of the lock in the way
 * flock FD OPERATION            flock(2)
 * later COMMAND                 starts the command on a thread of its own; answers the thread's id
 * done TID                      1 if that command has ended
 * join TID                      waits for it: its result
 * signal TID                    sends a signal that ends a waiting call
 * </pre>
 */
final class NeighbourMain {
    private static final int SIGNAL = 40;

    private Calls calls = new Calls(FileCalls.AT_FDCWD);
    private final Map<Integer, FutureTask<Long>> later = new HashMap<>();

    private NeighbourMain() {}

    /** Runs until its standard input ends. */
    public static void main(String[] args) throws IOException {
        ThreadCalls.interruptOn(SIGNAL);
        NeighbourMain program = new NeighbourMain();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(program.run(line));
        }
        Runtime.getRuntime().halt(0);
    }

    private long run(String line) {
        String[] words = line.split(" ", -1);
        return switch (words[0]) {
            case "in" -> in(line.substring(3));
            case "later" -> later(line.substring(6));
            case "done" -> task(words[1]).isDone() ? 1 : 0;
            case "join" -> join(words[1]);
            case "signal" ->
                ThreadCalls.tgkill((int) ProcessHandle.current().pid(), Integer.parseInt(words[1]), SIGNAL);
            default -> call(words);
        };
    }

    private long call(String[] words) {
        return switch (words[0]) {
            case "open" -> calls.open(words[1], number(words, 2), 0644);
            case "close" -> calls.close(number(words, 1));
            case "lock" ->
                calls.lock(number(words, 1), number(words, 2), number(words, 3), number(words, 4), number(words, 5));
            case "getlk" -> calls.getlk(number(words, 1), number(words, 2), number(words, 3), number(words, 4));
            case "flock" -> calls.flock(number(words, 1), number(words, 2));
            default -> throw new IllegalArgumentException("command " + words[0]);
        };
    }

    private long in(String path) {
        calls.closeAll();
        if (calls.directory() >= 0) {
            Libc.close(calls.directory());
        }
        try (Arena arena = Arena.ofConfined()) {
            int flags = Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC;
            int directory = Libc.open(Calls.c(arena, path), flags, 0);
            calls = new Calls(directory);
            return directory;
        }
    }

    private long later(String line) {
        FutureTask<Integer> started = new FutureTask<>(Libc::gettid);
        String[] words = line.split(" ", -1);
        Callable<Long> call = () -> call(words);
        FutureTask<Long> task = new FutureTask<>(call);
        Thread.ofPlatform().daemon().start(() -> {
            started.run();
            task.run();
        });
        int tid = get(started);
        later.put(tid, task);
        return tid;
    }

    private FutureTask<Long> task(String tid) {
        FutureTask<Long> task = later.get(Integer.parseInt(tid));
        if (task == null) {
            throw new IllegalArgumentException("no thread " + tid);
        }
        return task;
    }

    private long join(String tid) {
        return get(task(tid));
    }

    private static <T> T get(FutureTask<T> task) {
        try {
            return task.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int number(String[] words, int at) {
        return Integer.decode(words[at]);
    }
}
