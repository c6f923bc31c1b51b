package io.efc.master;

import io.efc.base.Check;
import io.efc.rpc.Address;
import io.efc.rpc.MountSpec;
import io.efc.rpc.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The master of one runtime.
 *
 * @param runtime {@code namespace/name}
 * @param dataset its number, in every block's name
 * @param listen TCP port 0 takes a free one
 * @param stateDirectory its log; made if absent, of this master alone
 * @param heartbeat how often members and sessions are to be heard
 * @param memberTimeout without a heartbeat for so long they are removed: 3 heartbeats at least
 * @param blockBytes 1, 2 or 4 MiB
 * @param replicas how many workers own a block
 */
public record MasterConfig(
        String runtime,
        long dataset,
        Address listen,
        Path stateDirectory,
        Secret secret,
        Duration heartbeat,
        Duration memberTimeout,
        List<MountSpec> mounts,
        int blockBytes,
        int replicas) {
    public MasterConfig {
        mounts = List.copyOf(mounts);
        Check.argument(runtime.indexOf('/') > 0, "runtime '" + runtime + "' is not namespace/name");
        Check.argument(
                Integer.bitCount(blockBytes) == 1 && blockBytes >= 1 << 20 && blockBytes <= 4 << 20,
                "block size %d is not 1Mi, 2Mi or 4Mi",
                blockBytes);
        Check.argument(replicas >= 1 && replicas <= 16, "replicas is %d, not 1 to 16", replicas);
        Check.argument(!heartbeat.isNegative() && !heartbeat.isZero(), "the heartbeat interval is " + heartbeat);
        Check.argument(
                memberTimeout.compareTo(heartbeat.multipliedBy(3)) >= 0,
                "member time-out " + memberTimeout + " is less than three heartbeats of " + heartbeat);
        Check.argument(
                mounts.stream().map(MountSpec::path).distinct().count() == mounts.size(),
                "two mounts of the dataset have the same path");
    }

    /** The defaults: a heartbeat a second, gone after 10 s, blocks of 1 MiB, one replica. */
    public static MasterConfig of(
            String runtime, long dataset, Address listen, Path stateDirectory, Secret secret, List<MountSpec> mounts) {
        return new MasterConfig(
                runtime,
                dataset,
                listen,
                stateDirectory,
                secret,
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                mounts,
                1 << 20,
                1);
    }
}
