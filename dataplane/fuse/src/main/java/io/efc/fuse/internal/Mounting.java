package io.efc.fuse.internal;

import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.fuse.FuseConfig;
import io.efc.fuse.FuseException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.foreign.Arena;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Optional;

/** mount(2) and umount2(2) of a FUSE file system by root, without fusermount. */
public final class Mounting {
    private static final Logger LOG = System.getLogger(Mounting.class.getName());
    private static final long MS_RDONLY = 1;
    private static final long MS_NOSUID = 2;
    private static final long MS_NODEV = 4;
    private static final int MNT_DETACH = 2;

    private Mounting() {}

    /**
     * Checks that something can be mounted on {@code mountPoint}: a directory, empty, and not a FUSE mount already. A FUSE mount is
     * recognized without touching it, since it may hang.
     *
     * @return the path with all links resolved
     */
    public static Path checkMountPoint(Path mountPoint) {
        Path absolute = mountPoint.toAbsolutePath().normalize();
        refuseFuseMount(absolute);
        if (!Files.exists(absolute, LinkOption.NOFOLLOW_LINKS)) {
            throw new FuseException("mount point " + absolute + " does not exist; make it: mkdir -p " + absolute);
        }
        if (!Files.isDirectory(absolute)) {
            throw new FuseException("mount point " + absolute + " is not a directory; name an empty directory");
        }
        try {
            Path real = absolute.toRealPath();
            refuseFuseMount(real);
            try (DirectoryStream<Path> children = Files.newDirectoryStream(real)) {
                if (children.iterator().hasNext()) {
                    throw new FuseException("mount point " + real + " is not empty; name an empty directory");
                }
            }
            return real;
        } catch (IOException e) {
            throw new FuseException("mount point " + absolute + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static void refuseFuseMount(Path path) {
        Optional<MountTable.Entry> mount = MountTable.read().at(path).filter(MountTable.Entry::isFuse);
        if (mount.isPresent()) {
            throw new FuseException("mount point " + path + " is already a "
                    + mount.get().type() + " mount of " + mount.get().source() + "; end it first: umount " + path);
        }
    }

    /** Opens {@code device}, usually /dev/fuse: a descriptor that the caller closes. */
    public static int openDevice(Path device) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = Libc.open(Libc.cString(arena, device.toString()), Libc.O_RDWR | Libc.O_CLOEXEC, 0);
            if (fd >= 0) {
                return fd;
            }
            throw switch (Errno.ofResult(fd)) {
                case ENOENT, ENODEV, ENXIO ->
                    new FuseException(
                            "there is no " + device
                                    + "; load the kernel module (modprobe fuse) or give the container the device (--device /dev/fuse)");
                case EACCES, EPERM ->
                    new FuseException("no permission to open " + device + "; run as root (in a container: privileged)");
                default ->
                    new FuseException(
                            "cannot open " + device + ": " + Errno.ofResult(fd).text());
            };
        }
    }

    /** Mounts the connection of descriptor {@code fd} on {@code mountPoint}. */
    public static void mount(int fd, FuseConfig config, Path mountPoint, int maxRead) {
        String options = String.format(
                Locale.ROOT,
                "fd=%d,rootmode=40000,user_id=0,group_id=0,max_read=%d%s%s",
                fd,
                maxRead,
                config.allowOther() ? ",allow_other" : "",
                config.defaultPermissions() ? ",default_permissions" : "");
        try (Arena arena = Arena.ofConfined()) {
            int result = Libc.mount(
                    Libc.cString(arena, config.fsName()),
                    Libc.cString(arena, mountPoint.toString()),
                    Libc.cString(arena, "fuse." + config.subtype()),
                    MS_NOSUID | MS_NODEV | (config.readOnly() ? MS_RDONLY : 0),
                    Libc.cString(arena, options));
            if (result >= 0) {
                return;
            }
            throw switch (Errno.ofResult(result)) {
                case EPERM, EACCES ->
                    new FuseException("mounting on " + mountPoint
                            + " needs root with CAP_SYS_ADMIN; run as root (in a container: privileged)");
                case ENODEV -> new FuseException("the kernel has no FUSE file system; load the module: modprobe fuse");
                default ->
                    new FuseException("mounting on " + mountPoint + " failed: "
                            + Errno.ofResult(result).text());
            };
        }
    }

    /**
     * Lets the kernel read ahead {@code bytes} bytes. INIT can only lower its default of 128 KiB; what raises it is the mount's backing
     * device info in sysfs.
     *
     * @return false if sysfs does not let us, as in a container that sees it read-only
     */
    public static boolean readahead(Path mountPoint, int bytes) {
        Optional<MountTable.Entry> mount = MountTable.read().at(mountPoint);
        if (mount.isEmpty()) {
            return false;
        }
        Path setting = Path.of("/sys/class/bdi", mount.get().device(), "read_ahead_kb");
        try {
            Files.writeString(setting, Integer.toString(bytes / 1024), StandardOpenOption.WRITE);
            return true;
        } catch (IOException e) {
            LOG.log(Logger.Level.DEBUG, "fuse: {0} cannot be written: {1}", setting, e.getMessage());
            return false;
        }
    }

    /** Unmounts; EBUSY while files are open in it. */
    public static Errno unmount(Path mountPoint) {
        return unmount(mountPoint, 0);
    }

    /** Takes the mount out of the tree now; it ends when its last user has gone. */
    public static Errno detach(Path mountPoint) {
        return unmount(mountPoint, MNT_DETACH);
    }

    private static Errno unmount(Path mountPoint, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return Errno.ofResult(Libc.umount2(Libc.cString(arena, mountPoint.toString()), flags));
        }
    }
}
