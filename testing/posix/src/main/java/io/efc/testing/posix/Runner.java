package io.efc.testing.posix;

import io.efc.base.Errno;
import io.efc.base.Libc;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Runs rules in a directory, each in an empty one of its own, which is removed afterwards. Must be root, since rules act as
 * several users. Rules run one after the other; the process's umask is 0 meanwhile.
 */
public final class Runner implements AutoCloseable {
    private static final Duration RULE_LIMIT = Duration.ofMinutes(2);

    private final String directory;
    private final Neighbours neighbours = new Neighbours();
    private final Set<Capability> lacking;
    private int count;

    /** @param directory absolute; the runner adds directories of its own and removes them */
    public Runner(String directory) {
        this.directory = directory;
        Libc.umask(0);
        Set<Capability> found = EnumSet.noneOf(Capability.class);
        for (Rule probe : Probes.all()) {
            Verdict verdict = run(probe, Set.of());
            if (verdict.outcome() == Verdict.Outcome.LACKING) {
                found.addAll(probe.needs());
            } else if (verdict.outcome() == Verdict.Outcome.BROKEN) {
                neighbours.close();
                throw new IllegalStateException("probing for " + probe.name() + " failed: " + verdict.detail());
            }
        }
        this.lacking = found;
    }

    /** What the probes did not find; rules may find more on their way. */
    public Set<Capability> lacking() {
        return EnumSet.copyOf(lacking.isEmpty() ? EnumSet.noneOf(Capability.class) : lacking);
    }

    /** Runs the rules whose name is wanted, telling {@code each} of every verdict as it falls. */
    public List<Verdict> run(Predicate<String> wanted, Consumer<Verdict> each) {
        List<Verdict> verdicts = new ArrayList<>();
        for (Rule rule : Suite.all()) {
            if (wanted.test(rule.name())) {
                Verdict verdict = run(rule, lacking);
                verdicts.add(verdict);
                each.accept(verdict);
            }
        }
        return verdicts;
    }

    @Override
    public void close() {
        neighbours.close();
    }

    /** Runs one rule, unless it needs something that is absent. */
    Verdict run(Rule rule, Set<Capability> absent) {
        for (Capability need : rule.needs()) {
            if (absent.contains(need)) {
                return new Verdict(rule.name(), Verdict.Outcome.LACKING, "no " + need.text(), 0);
            }
        }
        long start = System.nanoTime();
        String path = directory + "/posix-" + ProcessHandle.current().pid() + "-" + count++;
        Stage stage = new Stage(rule, path, neighbours);
        Thread thread = Thread.ofPlatform().name("rule").daemon().start(stage);
        try {
            thread.join(RULE_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        long micros = (System.nanoTime() - start) / 1000;
        if (thread.isAlive()) {
            neighbours.release(false);
            String late = "did not end within " + RULE_LIMIT.toSeconds() + " s; calls: " + stage.trace();
            return new Verdict(rule.name(), Verdict.Outcome.BROKEN, late, micros);
        }
        neighbours.release(true);
        return stage.verdict(micros);
    }

    /** One rule at work, on a thread of its own. */
    private static final class Stage implements Runnable {
        private final Rule rule;
        private final String path;
        private final Neighbours neighbours;
        private volatile @Nullable Scene scene;
        private volatile Verdict.Outcome outcome = Verdict.Outcome.HOLDS;
        private volatile String detail = "";

        Stage(Rule rule, String path, Neighbours neighbours) {
            this.rule = rule;
            this.path = path;
            this.neighbours = neighbours;
        }

        @Override
        public void run() {
            try {
                Trees.makeDirectory(path);
                play(open());
            } catch (RuntimeException e) {
                broken(e.toString());
            }
        }

        private void play(int directory) {
            Scene t = new Scene(directory, path, neighbours);
            scene = t;
            try {
                rule.steps().run(t);
            } catch (Lacking e) {
                outcome = Verdict.Outcome.LACKING;
                detail = "no " + e.capability().text();
            } catch (Broken e) {
                broken(e.getMessage() + "\n    calls:" + trace());
            } finally {
                t.closeAll();
                Libc.close(directory);
                Trees.remove(path);
            }
        }

        private int open() {
            try (Arena arena = Arena.ofConfined()) {
                int fd = Libc.open(Calls.c(arena, path), Libc.O_RDONLY | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
                if (fd < 0) {
                    throw new Broken("open(" + path + "): " + Errno.ofResult(fd));
                }
                return fd;
            }
        }

        private void broken(@Nullable String why) {
            outcome = Verdict.Outcome.BROKEN;
            detail = String.valueOf(why);
        }

        String trace() {
            Scene t = scene;
            if (t == null) {
                return "";
            }
            List<String> calls = List.copyOf(t.trace());
            int from = Math.max(0, calls.size() - 14);
            return "\n      " + String.join("\n      ", calls.subList(from, calls.size()));
        }

        Verdict verdict(long micros) {
            return new Verdict(rule.name(), outcome, detail, micros);
        }
    }
}
