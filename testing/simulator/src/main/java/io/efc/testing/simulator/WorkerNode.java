package io.efc.testing.simulator;

import io.efc.lease.ObjectId;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * A worker's process: a cache of files' contents between clients and store. It knows nothing of leases: what it has is named by file and version, so it can
 * lack a content but never have a wrong one.
 */
final class WorkerNode extends Machine {
    /** What a client hears if the version is not to be had any more. */
    static final long GONE = -1;

    private record Block(ObjectId file, long version) {}

    private final Map<Block, Long> blocks = new HashMap<>();

    WorkerNode(World world, int index) {
        super(world, "w" + index, 0);
    }

    @Override
    void started() {
        // It waits for requests.
    }

    @Override
    void killed() {
        blocks.clear();
    }

    /** Answers with the content that {@code file} has, or had, in {@code version}. */
    void read(ObjectId file, long version, LongConsumer answer) {
        Long known = blocks.get(new Block(file, version));
        if (known != null) {
            answer.accept(known);
            return;
        }
        world.network.fromWorkerToStore(() -> {
            long state = world.store.state(file);
            long now = world.store.version(file);
            world.network.toWorker(this, () -> {
                blocks.put(new Block(file, now), state);
                answer.accept(now == version ? state : GONE);
            });
        });
    }
}
