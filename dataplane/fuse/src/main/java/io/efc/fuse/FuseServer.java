package io.efc.fuse;

import io.efc.base.Check;
import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.base.Metrics;
import io.efc.fuse.internal.Connection;
import io.efc.fuse.internal.FdDevice;
import io.efc.fuse.internal.MountTable;
import io.efc.fuse.internal.Mounting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Serves one mount: reads the kernel's requests from a descriptor of {@code /dev/fuse} and calls a {@link FuseFileSystem}.
 *
 * <p>The mount lives as long as some process has the descriptor open. So that it survives a killed server, another process holds a copy
 * ({@link FuseDescriptors}); the successor {@link #attach}es to it and calls {@link #resend}.
 *
 * <p>All methods may be called from any thread, but not from a request of this mount.
 */
public final class FuseServer implements AutoCloseable {
    private static final Path DEVICE = Path.of("/dev/fuse");

    private final int fd;
    private final Connection connection;
    private final Optional<Path> mountPoint;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean unmounted;

    private FuseServer(int fd, Connection connection, Optional<Path> mountPoint) {
        this.fd = fd;
        this.connection = connection;
        this.mountPoint = mountPoint;
    }

    /**
     * Mounts {@code fs} on an empty directory and serves it. When this returns, the protocol is negotiated and requests are answered.
     *
     * @throws FuseException if there is no /dev/fuse, the process is not root, the mount point is missing, not a directory, not empty or
     *     already a FUSE mount, or the kernel refuses; nothing is left mounted then
     */
    public static FuseServer mount(FuseConfig config, Path mountPoint, FuseFileSystem fs, Metrics metrics) {
        return mount(DEVICE, config, mountPoint, fs, metrics);
    }

    static FuseServer mount(Path device, FuseConfig config, Path mountPoint, FuseFileSystem fs, Metrics metrics) {
        Path real = Mounting.checkMountPoint(mountPoint);
        int fd = Mounting.openDevice(device);
        boolean mounted = false;
        boolean serving = false;
        try {
            Mounting.mount(fd, config, real, Connection.dataMax(config, fs));
            mounted = true;
            FuseNegotiated negotiated = Connection.negotiate(new FdDevice(fd), config, fs);
            if (config.maxReadaheadBytes() > negotiated.maxReadahead()
                    && Mounting.readahead(real, config.maxReadaheadBytes())) {
                negotiated = negotiated.withMaxReadahead(config.maxReadaheadBytes());
            }
            Connection connection = new Connection(new FdDevice(fd), config, negotiated, fs, metrics);
            connection.start();
            serving = true;
            return new FuseServer(fd, connection, Optional.of(real));
        } finally {
            if (!serving) {
                // The descriptor first: an unmount may ask a connection that nobody answers.
                Libc.close(fd);
                if (mounted) {
                    Mounting.detach(real);
                }
            }
        }
    }

    /**
     * Serves a mount whose descriptor another process opened and negotiated; INIT is skipped. Call {@link #resend} next if that process
     * died. The descriptor belongs to this server from now on.
     *
     * @param negotiated what the first server's {@link #negotiated} was
     */
    public static FuseServer attach(
            int fd, FuseConfig config, FuseNegotiated negotiated, FuseFileSystem fs, Metrics metrics) {
        Check.argument(fd >= 0, "descriptor %d", fd);
        Connection connection = new Connection(new FdDevice(fd), config, negotiated, fs, metrics);
        connection.start();
        return new FuseServer(fd, connection, findMountPoint(fd));
    }

    /** The mount of a descriptor: its fdinfo names the connection, which is the minor number of the mount's device. */
    private static Optional<Path> findMountPoint(int fd) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo/" + fd))) {
                if (line.startsWith("fuse_connection:")) {
                    String minor = line.substring(line.indexOf(':') + 1).strip();
                    return MountTable.read().ofDevice("0:" + minor).map(MountTable.Entry::mountPoint);
                }
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    /**
     * Has the kernel send every request again that was read from it and not answered, by this process or one that died. They come with
     * {@link FuseRequest#resent}.
     *
     * @throws FuseException if HAS_RESEND was not negotiated or the connection is over
     */
    public void resend() {
        Errno errno = connection.negotiated().has(FuseFlags.HAS_RESEND) ? connection.resend() : Errno.EOPNOTSUPP;
        if (!errno.isOk()) {
            throw new FuseException("the kernel does not send requests again: " + errno.text()
                    + "; Linux 6.9 or later and a live connection are needed");
        }
    }

    /** The descriptor of /dev/fuse; stays this server's. */
    public int descriptor() {
        return fd;
    }

    /** What a successor needs besides the {@link #descriptor}. */
    public FuseNegotiated negotiated() {
        return connection.negotiated();
    }

    /** Where it is mounted; empty if it was attached and the kernel does not say (before Linux 6.16) or it is not mounted any more. */
    public Optional<Path> mountPoint() {
        return mountPoint;
    }

    /**
     * Stops serving and leaves the mount and the descriptor as they are, for a successor. Requests being served are finished first, those
     * that wait for a lock are left unanswered: a {@link #resend} of the successor brings them back. {@link FuseFileSystem#stop} is not
     * called.
     *
     * @throws FuseException if a request does not end, even interrupted, within 20 s
     */
    public void detach() {
        if (!connection.stopReading(true)) {
            throw new FuseException("requests do not end; kill the process to detach, its successor gets them again");
        }
    }

    /**
     * Unmounts and waits until the last request is answered.
     *
     * @throws FuseException if the mount is in use, and then goes on, or where it is mounted is unknown
     */
    public void unmount() {
        Path path = mountPoint.orElseThrow(() -> new FuseException("the mount point of this descriptor is unknown"));
        Errno errno = Mounting.unmount(path);
        switch (errno) {
            case OK -> {
                unmounted = true;
                connection.stopReading(false);
            }
            case EBUSY ->
                throw new FuseException(
                        path + " is in use; close its files first (fuser -vm " + path + " shows by whom)");
            // Somebody else unmounted it: the connection ends by itself.
            case EINVAL, ENOENT -> connection.stopReading(false);
            default -> throw new FuseException("unmounting " + path + " failed: " + errno.text());
        }
    }

    /**
     * Ends the mount, in use or not, and closes the descriptor; who still uses it gets ENOTCONN, unless another process serves on. After
     * {@link #detach} only closes the descriptor.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        boolean serving = connection.serving();
        if (serving && !unmounted) {
            mountPoint.ifPresent(path -> {
                if (Mounting.unmount(path) == Errno.EBUSY) {
                    Mounting.detach(path);
                }
            });
        }
        connection.stopReading(false);
        Libc.close(fd);
    }

    /** Waits until the kernel or this process ended the service and the file system has stopped. */
    public void awaitEnd() throws InterruptedException {
        connection.awaitEnd();
    }

    /** As {@link #awaitEnd()}; false if it goes on for longer. */
    public boolean awaitEnd(long timeout, TimeUnit unit) throws InterruptedException {
        return connection.awaitEnd(unit.toNanos(timeout));
    }
}
