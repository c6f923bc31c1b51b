package io.efc.client;

import io.efc.base.ByteSize;
import io.efc.base.Check;
import io.efc.base.Durations;
import io.efc.fuse.FuseConfig;
import io.efc.store.StoreConfig;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One mount of one dataset.
 *
 * @param mountPoint an existing directory
 * @param dataset the dataset's name
 * @param datasetNumber its number in cache keys: the same on all nodes
 * @param mounts what the dataset is made of, at least one; a single one at {@code /} is the root itself, otherwise a read-only
 *     directory tree leads to them
 * @param fuse how the kernel is spoken to
 * @param consistency how long attributes and names are believed, and who is kept from changing them
 * @param readahead how far it reads ahead
 * @param writeback how own writes are gathered
 * @param nodeCache a cache of blocks of this node, if wanted
 * @param stateDirectory where the inode table and the not yet written bytes are: best on tmpfs, of this mount alone; made if absent
 * @param inodesMax the most inodes known at once
 * @param cluster the distributed cache, if there is one
 */
public record ClientConfig(
        Path mountPoint,
        String dataset,
        long datasetNumber,
        List<Mount> mounts,
        FuseConfig fuse,
        Consistency consistency,
        Readahead readahead,
        Writeback writeback,
        Optional<NodeCache> nodeCache,
        Path stateDirectory,
        long inodesMax,
        Optional<Cluster> cluster) {
    /** Inodes known at once, unless told otherwise: 16 Mi, 3.5 GiB of table if they all are. */
    public static final long INODES_MAX = 16L << 20;

    public ClientConfig {
        mounts = List.copyOf(mounts);
        Check.argument(mountPoint.isAbsolute(), "mount point '" + mountPoint + "' is not an absolute path");
        Check.argument(stateDirectory.isAbsolute(), "state directory '" + stateDirectory + "' is not absolute");
        Check.argument(
                !stateDirectory.normalize().startsWith(mountPoint.normalize()),
                "state directory '" + stateDirectory + "' is inside the mount point");
        Check.argument(!dataset.isBlank(), "the dataset has no name");
        Check.argument(!mounts.isEmpty(), "dataset '" + dataset + "' has no mounts");
        Check.argument(mounts.size() <= 1000, "a dataset has at most 1000 mounts, not %d", mounts.size());
        Check.argument(inodesMax >= 1000 && inodesMax <= 1L << 30, "inodesMax must be 1000 to 2^30, not %d", inodesMax);
        checkPaths(mounts);
    }

    private static void checkPaths(List<Mount> mounts) {
        Set<String> paths = new HashSet<>();
        for (Mount m : mounts) {
            Check.argument(paths.add(m.path()), "two mounts have the path '" + m.path() + "'");
        }
        for (Mount m : mounts) {
            String prefix = m.path().equals("/") ? "/" : m.path() + "/";
            for (String other : paths) {
                Check.argument(
                        other.equals(m.path()) || !other.startsWith(prefix),
                        "mount '" + other + "' is inside mount '" + m.path() + "'");
            }
        }
    }

    /** A mount with all the defaults. */
    public static ClientConfig of(Path mountPoint, String dataset, StoreConfig store, Path stateDirectory) {
        return new ClientConfig(
                mountPoint,
                dataset,
                1,
                List.of(new Mount("/", store)),
                FuseConfig.defaults("efc:" + dataset),
                Validity.DEFAULT,
                Readahead.DEFAULT,
                Writeback.DEFAULT,
                Optional.empty(),
                stateDirectory,
                INODES_MAX,
                Optional.empty());
    }

    /** True if nothing may be changed through the mount. */
    public boolean readOnly() {
        return fuse.readOnly();
    }

    /**
     * A store and where it appears.
     *
     * @param path absolute inside the dataset, {@code /} or {@code /a/b}
     */
    public record Mount(String path, StoreConfig store) {
        public Mount {
            boolean plain = path.equals("/") || (path.startsWith("/") && !path.endsWith("/") && !path.contains("//"));
            for (String part : path.split("/", -1)) {
                plain &= !part.equals(".") && !part.equals("..") && part.getBytes(StandardCharsets.UTF_8).length <= 255;
            }
            Check.argument(plain, "mount path '" + path + "' is not like / or /a/b");
        }
    }

    /** What programs on different mounts see of each other. Written {@code strong}, {@code close-to-open} or {@code ttl=<duration>}. */
    public sealed interface Consistency permits Strong, CloseToOpen, Validity {
        /**
         * Reads what {@code consistency=} says.
         *
         * @param ufsCheckInterval for {@code strong}
         * @throws IllegalArgumentException naming the value and what is accepted
         */
        static Consistency parse(String value, Duration ufsCheckInterval) {
            if (value.equals("strong")) {
                return new Strong(ufsCheckInterval);
            }
            if (value.equals("close-to-open")) {
                return new CloseToOpen();
            }
            if (value.startsWith("ttl=")) {
                Duration ttl = Durations.parse(value.substring(4));
                return new Validity(ttl, ttl, ttl);
            }
            throw new IllegalArgumentException(
                    "consistency '" + value + "' is none of strong, close-to-open, ttl=<duration> (ttl=1s)");
        }
    }

    /**
     * All mounts of the dataset behave like one local file system: what is cached is covered by a lease from the master.
     *
     * @param ufsCheckInterval who changes the store directly is noticed after so long
     */
    public record Strong(Duration ufsCheckInterval) implements Consistency {
        /** Half a minute. */
        public static final Strong DEFAULT = new Strong(Duration.ofSeconds(30));

        @Override
        public String toString() {
            return "strong";
        }

        public Strong {
            Check.argument(
                    !ufsCheckInterval.isNegative() && !ufsCheckInterval.isZero(),
                    "ufsCheckInterval " + ufsCheckInterval + " is not positive");
        }
    }

    /** Who opens a file sees what was closed before; names and attributes are believed for a second, as NFS does it. */
    public record CloseToOpen() implements Consistency {
        @Override
        public String toString() {
            return "close-to-open";
        }
    }

    /**
     * For how long what was learned from the store is believed, whatever others do.
     *
     * @param attributes of files and directories
     * @param entries of names
     * @param absent of "no such name"
     */
    public record Validity(Duration attributes, Duration entries, Duration absent) implements Consistency {
        /** One second each. */
        public static final Validity DEFAULT =
                new Validity(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1));

        /** As {@link Consistency#parse} reads it, where all three are the same. */
        @Override
        public String toString() {
            return "ttl=" + attributes.toMillis() + "ms";
        }

        public Validity {
            Check.argument(!attributes.isNegative(), "attribute validity " + attributes + " is negative");
            Check.argument(!entries.isNegative(), "entry validity " + entries + " is negative");
            Check.argument(!absent.isNegative(), "validity of absent names " + absent + " is negative");
        }
    }

    /**
     * Reading ahead of a sequential reader. Its memory is {@code memory} for the whole mount, whatever the number of readers.
     *
     * @param initial first window
     * @param max largest window
     * @param memory buffers of the mount, at least four of 1 MiB
     * @param fetches the most fetches in flight of the mount, 1 to 64
     */
    public record Readahead(ByteSize initial, ByteSize max, ByteSize memory, int fetches) {
        /** From 1 MiB to 16 MiB a file, 64 MiB for all, 8 in flight. */
        public static final Readahead DEFAULT =
                new Readahead(ByteSize.ofMiB(1), ByteSize.ofMiB(16), ByteSize.ofMiB(64), 8);

        public Readahead {
            Check.argument(
                    initial.compareTo(max) <= 0, "readahead starts at " + initial + ", above its maximum " + max);
            Check.argument(
                    memory.compareTo(ByteSize.ofMiB(4)) >= 0, "readahead memory " + memory + " is less than 4Mi");
            Check.argument(max.compareTo(memory) <= 0, "readahead of " + max + " exceeds its memory of " + memory);
            Check.argument(fetches >= 1 && fetches <= 64, "fetches must be 1 to 64, not %d", fetches);
        }
    }

    /**
     * Gathering own writes.
     *
     * @param dirty the most bytes of the mount that are acknowledged but not yet with the store, at least 4 MiB
     * @param writes the most writes in flight, 1 to 64
     */
    public record Writeback(ByteSize dirty, int writes) {
        /** 64 MiB, 8 in flight. */
        public static final Writeback DEFAULT = new Writeback(ByteSize.ofMiB(64), 8);

        public Writeback {
            Check.argument(dirty.compareTo(ByteSize.ofMiB(4)) >= 0, "dirty bytes " + dirty + " are less than 4Mi");
            Check.argument(writes >= 1 && writes <= 64, "writes must be 1 to 64, not %d", writes);
        }
    }

    /** Blocks kept on this node. */
    public record NodeCache(Path directory, ByteSize quota) {}

    /**
     * The distributed cache.
     *
     * @param masters where the master listens: of several, which are tried in turn, the one that leads
     * @param secret the runtime's secret
     * @param node this node's name: workers with the same name are local
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Cluster(List<InetSocketAddress> masters, byte[] secret, String node) {
        public Cluster {
            masters = List.copyOf(masters);
            Check.argument(!masters.isEmpty() && masters.size() <= 9, "%d masters, not 1 to 9", masters.size());
        }

        /** With one master. */
        public Cluster(InetSocketAddress master, byte[] secret, String node) {
            this(List.of(master), secret, node);
        }

        @Override
        public String toString() {
            return "Cluster[masters=" + masters + ", node=" + node + "]";
        }
    }
}
