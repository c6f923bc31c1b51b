package io.efc.testing.posix;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The other processes of a run: started when first asked for, used again by later rules. */
final class Neighbours implements AutoCloseable {
    private final Deque<Neighbour> idle = new ArrayDeque<>();
    private final List<Neighbour> taken = new ArrayList<>();

    /** One that no other holder has, working in this directory with nothing open. */
    synchronized Neighbour take(String path) {
        Neighbour neighbour = idle.isEmpty() ? Neighbour.start() : idle.pop();
        taken.add(neighbour);
        neighbour.in(path);
        return neighbour;
    }

    /** Takes all back; {@code sound} is false when they may be stuck in a call. */
    synchronized void release(boolean sound) {
        for (Neighbour neighbour : taken) {
            if (sound && neighbour.isAlive()) {
                neighbour.in("/");
                idle.push(neighbour);
            } else {
                neighbour.kill();
            }
        }
        taken.clear();
    }

    @Override
    public synchronized void close() {
        release(false);
        idle.forEach(Neighbour::kill);
        idle.clear();
    }
}
