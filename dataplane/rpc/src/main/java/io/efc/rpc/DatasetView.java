package io.efc.rpc;

import java.util.ArrayList;
import java.util.List;

/**
 * What the master tells everyone who joins.
 *
 * @param runtime {@code namespace/name}
 * @param dataset its number, in every block's name
 * @param blockBytes the unit of placement
 * @param replicas how many workers own a block
 * @param heartbeatMillis how often to send a heartbeat
 * @param memberTimeoutMillis without one for so long a worker leaves the ring and a session ends
 * @param mounts a file's mount number is its index here
 */
public record DatasetView(
        String runtime,
        long dataset,
        int blockBytes,
        int replicas,
        long heartbeatMillis,
        long memberTimeoutMillis,
        List<MountSpec> mounts) {
    public DatasetView {
        mounts = List.copyOf(mounts);
    }

    public void encode(Wire.Writer out) {
        out.string(runtime)
                .i64(dataset)
                .i32(blockBytes)
                .i32(replicas)
                .i64(heartbeatMillis)
                .i64(memberTimeoutMillis)
                .count(mounts.size());
        mounts.forEach(m -> m.encode(out));
    }

    public static DatasetView decode(Wire.Reader in) {
        String runtime = in.string();
        long dataset = in.i64();
        int blockBytes = in.i32();
        int replicas = in.i32();
        long heartbeat = in.i64();
        long timeout = in.i64();
        List<MountSpec> mounts = new ArrayList<>();
        for (int i = in.count(); i > 0; i--) {
            mounts.add(MountSpec.decode(in));
        }
        return new DatasetView(runtime, dataset, blockBytes, replicas, heartbeat, timeout, mounts);
    }
}
