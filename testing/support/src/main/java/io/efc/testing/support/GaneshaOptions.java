package io.efc.testing.support;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What a {@link GaneshaServer} is started with. Not to be changed after that. */
public final class GaneshaOptions {
    final Path directory;
    String pseudo = "/export";

    @Nullable
    Path state;

    int nfsPort;
    int mountPort;
    boolean v3 = true;
    boolean rootSquash;
    boolean readOnly;
    boolean denyAll;
    boolean outlivesProcess;
    int leaseSeconds = 5;
    int attributeSeconds;

    private GaneshaOptions(Path directory) {
        this.directory = directory;
    }

    /**
     * A read-write export {@code /export} without squash, on free ports, that ends with this JVM.
     *
     * @param directory what is served; on a file system with file handles (ext4, xfs, tmpfs)
     */
    public static GaneshaOptions of(Path directory) {
        return new GaneshaOptions(directory.toAbsolutePath());
    }

    /** The export's path for clients of all versions. */
    public GaneshaOptions pseudo(String path) {
        pseudo = path;
        return this;
    }

    /** Where configuration, log, pid file and recovery data go; by default a new directory in /tmp that goes with the server. */
    public GaneshaOptions state(Path directoryOfItsOwn) {
        state = directoryOfItsOwn.toAbsolutePath();
        return this;
    }

    /** The ports of NFS and of MOUNT; 0: a free one. */
    public GaneshaOptions ports(int nfs, int mount) {
        nfsPort = nfs;
        mountPort = mount;
        return this;
    }

    /** Without NFSv3, and so without rpcbind. */
    public GaneshaOptions onlyV4() {
        v3 = false;
        return this;
    }

    /** Uid 0 becomes nobody. */
    public GaneshaOptions rootSquash() {
        rootSquash = true;
        return this;
    }

    /** Changes fail with EROFS. */
    public GaneshaOptions readOnly() {
        readOnly = true;
        return this;
    }

    /** No client may use the export. */
    public GaneshaOptions denyAll() {
        denyAll = true;
        return this;
    }

    /** NFSv4's lease, and the grace period after a restart. */
    public GaneshaOptions leaseSeconds(int seconds) {
        leaseSeconds = seconds;
        return this;
    }

    /** How long the server may go without noticing a change made to the directory behind its back; 0 by default. */
    public GaneshaOptions attributeSeconds(int seconds) {
        attributeSeconds = seconds;
        return this;
    }

    /** The server goes on when this JVM ends, until {@link GaneshaServer#stopLeftover}. */
    public GaneshaOptions outlivingProcess() {
        outlivesProcess = true;
        return this;
    }
}
