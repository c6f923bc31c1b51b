package io.efc.fuse.internal;

import io.efc.fuse.FuseConfig;
import io.efc.fuse.FuseFlags;
import io.efc.fuse.FuseNegotiated;
import io.efc.fuse.internal.wire.InitIn;
import io.efc.fuse.internal.wire.InitOut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for in INIT. A flag is settled if it is asked for here and the kernel offers it.
 *
 * <table>
 * <caption>Asked for</caption>
 * <tr><th>flag</th><th>when</th><th>why</th></tr>
 * <tr><td>ASYNC_READ</td><td>always</td><td>readahead keeps several reads of a file in flight</td></tr>
 * <tr><td>ASYNC_DIO</td><td>always</td><td>direct I/O through io_submit and io_uring is asynchronous</td></tr>
 * <tr><td>POSIX_LOCKS, FLOCK_LOCKS</td><td>the file system has SETLK</td><td>locks hold between machines, not only inside this
 * kernel</td></tr>
 * <tr><td>ATOMIC_O_TRUNC</td><td>always</td><td>open(O_TRUNC) is one request, and nobody sees the old size in between</td></tr>
 * <tr><td>BIG_WRITES, MAX_PAGES</td><td>always</td><td>requests of up to maxWriteBytes instead of 128 KiB</td></tr>
 * <tr><td>DO_READDIRPLUS, READDIRPLUS_AUTO</td><td>the file system has READDIRPLUS</td><td>ls -l costs a request a batch, plain ls
 * does not pay for attributes</td></tr>
 * <tr><td>PARALLEL_DIROPS</td><td>always</td><td>lookups and readdirs of one directory run at once</td></tr>
 * <tr><td>NO_OPEN_SUPPORT, NO_OPENDIR_SUPPORT</td><td>always</td><td>a file system without OPEN or OPENDIR is asked once</td></tr>
 * <tr><td>HANDLE_KILLPRIV_V2</td><td>always</td><td>saves a GETXATTR of security.capability before each write; the file system strips
 * set-uid and set-gid when told</td></tr>
 * <tr><td>SETXATTR_EXT</td><td>always</td><td>setxattr says when to strip set-gid</td></tr>
 * <tr><td>CACHE_SYMLINKS</td><td>always</td><td>targets are read once and kept until invalidated</td></tr>
 * <tr><td>AUTO_INVAL_DATA</td><td>unless explicitInvalidation</td><td>a changed mtime or size drops pages: close-to-open</td></tr>
 * <tr><td>EXPLICIT_INVAL_DATA</td><td>explicitInvalidation</td><td>only notifications drop pages: no false drops under a lease. The
 * kernel prefers AUTO if both are set</td></tr>
 * <tr><td>HAS_EXPIRE_ONLY</td><td>always</td><td>a name can be made to revalidate without detaching what is mounted below it</td></tr>
 * <tr><td>WRITEBACK_CACHE</td><td>writebackCache</td><td>small writes merge in the page cache, which outlives this process</td></tr>
 * <tr><td>PASSTHROUGH, max_stack_depth 1</td><td>passthrough</td><td>reads of wholly cached files stay in the kernel; the backing file
 * must lie on a file system that is not stacked itself</td></tr>
 * <tr><td>DIRECT_IO_ALLOW_MMAP</td><td>always</td><td>a file opened with FOPEN_DIRECT_IO can still be mapped shared</td></tr>
 * <tr><td>HAS_RESEND</td><td>always</td><td>a successor of a killed process gets its requests again</td></tr>
 * <tr><td>INIT_EXT</td><td>always</td><td>carries the flags above bit 31</td></tr>
 * </table>
 *
 * <p>Left out on purpose:
 *
 * <ul>
 *   <li>POSIX_ACL, DONT_MASK: the kernel would enforce ACLs that it fetches as system.posix_acl_* for every inode, and leave umask and
 *       default ACLs to the file system. NFS carries no such attributes (RFC 8276 has user.* only) and enforces its own ACLs with the
 *       caller's credentials. Without the flag the attributes pass through as any others, and the kernel applies the umask.
 *   <li>EXPORT_SUPPORT: node ids end with FORGET, so a file handle could not be resolved afterwards. Handles of inodes that are in the
 *       kernel's cache work without it, for which reason NO_EXPORT_SUPPORT is not asked for either.
 *   <li>HANDLE_KILLPRIV: the first version of V2, which strips on every write.
 *   <li>ABORT_ERROR: an aborted connection is ENODEV, like an unmounted one; both end the server.
 *   <li>HAS_IOCTL_DIR, MAP_ALIGNMENT, SUBMOUNTS, HAS_INODE_DAX, SECURITY_CTX, CREATE_SUPP_GROUP, ALLOW_IDMAP: {@link
 *       io.efc.fuse.FuseFileSystem} has nothing for them.
 *   <li>OVER_IO_URING: requests of a killed process are lost to a successor. REQUEST_TIMEOUT: a slow store would abort the whole mount.
 * </ul>
 */
final class Negotiation {
    /** Major version of the protocol. */
    static final int MAJOR = 7;

    /** Linux 5.4 and later: older ones lack max_pages and what depends on it. */
    static final int MINOR_MIN = 31;

    /** The protocol that this server knows: what the kernel adds later is not sent. */
    static final int MINOR = 45;

    private static final int PAGE = 4096;
    private static final int PAGES_LIMIT_DEFAULT = 256;
    private static final Path PAGES_LIMIT = Path.of("/proc/sys/fs/fuse/max_pages_limit");

    private static final long ALWAYS = FuseFlags.ASYNC_READ
            | FuseFlags.ASYNC_DIO
            | FuseFlags.ATOMIC_O_TRUNC
            | FuseFlags.BIG_WRITES
            | FuseFlags.MAX_PAGES
            | FuseFlags.PARALLEL_DIROPS
            | FuseFlags.NO_OPEN_SUPPORT
            | FuseFlags.NO_OPENDIR_SUPPORT
            | FuseFlags.HANDLE_KILLPRIV_V2
            | FuseFlags.SETXATTR_EXT
            | FuseFlags.CACHE_SYMLINKS
            | FuseFlags.HAS_EXPIRE_ONLY
            | FuseFlags.DIRECT_IO_ALLOW_MMAP
            | FuseFlags.HAS_RESEND
            | FuseFlags.INIT_EXT;

    private final FuseConfig config;
    private final int pagesLimit;
    private final long wanted;

    /** @param locks and {@code readdirplus}: whether the file system has them */
    Negotiation(FuseConfig config, boolean locks, boolean readdirplus) {
        this(config, locks, readdirplus, pagesLimit());
    }

    Negotiation(FuseConfig config, boolean locks, boolean readdirplus, int pagesLimit) {
        this.config = config;
        this.pagesLimit = pagesLimit;
        this.wanted = ALWAYS
                | (locks ? FuseFlags.POSIX_LOCKS | FuseFlags.FLOCK_LOCKS : 0)
                | (readdirplus ? FuseFlags.DO_READDIRPLUS | FuseFlags.READDIRPLUS_AUTO : 0)
                | (config.explicitInvalidation() ? FuseFlags.EXPLICIT_INVAL_DATA : FuseFlags.AUTO_INVAL_DATA)
                | (config.writebackCache() ? FuseFlags.WRITEBACK_CACHE : 0)
                | (config.passthrough() ? FuseFlags.PASSTHROUGH : 0);
    }

    /**
     * What fs.fuse.max_pages_limit allows; before Linux 6.13 it did not exist and 256 was fixed. A sysctl must be read in one system call:
     * {@link Files#readString} reads a byte first, for a file that says it is empty, and gets nothing more.
     */
    private static int pagesLimit() {
        try {
            return Integer.parseInt(Files.readAllLines(PAGES_LIMIT).getFirst().strip());
        } catch (IOException | NumberFormatException | NoSuchElementException e) {
            return PAGES_LIMIT_DEFAULT;
        }
    }

    /** The most bytes of one request's data that a mount with this configuration can see. */
    int dataMax() {
        return (int) Math.min(config.maxWriteBytes(), (long) pagesLimit * PAGE);
    }

    /**
     * Fills in the answer to INIT.
     *
     * @param bytes the length of {@code in}: 16 before protocol 7.36, later 64
     * @return what was settled, or null if the kernel's protocol is too old
     */
    @Nullable
    FuseNegotiated answer(InitIn in, int bytes, InitOut out) {
        if (in.major() != MAJOR || in.minor() < MINOR_MIN) {
            return null;
        }
        long offered = bytes >= InitIn.BYTES ? in.flags() : in.flags() & 0xffff_ffffL & ~FuseFlags.INIT_EXT;
        long flags = offered & wanted;
        int maxWrite = dataMax();
        int maxPages = maxWrite / PAGE;
        int readahead = (int) Math.min(in.maxReadahead() & 0xffff_ffffL, Math.max(0, config.maxReadaheadBytes()));
        int minor = Math.min(MINOR, in.minor());
        boolean passthrough = (flags & FuseFlags.PASSTHROUGH) != 0;
        out.major(MAJOR)
                .minor(minor)
                .maxReadahead(readahead)
                .flags(flags)
                .maxBackground(config.maxBackground())
                .congestionThreshold(Math.max(1, config.maxBackground() * 3 / 4))
                .maxWrite(maxWrite)
                .timeGranularityNanos(1)
                .maxPages(Math.min(maxPages, 0xffff))
                .maxStackDepth(passthrough ? 1 : 0);
        return new FuseNegotiated(minor, flags, maxWrite, readahead, maxPages, config.maxBackground());
    }
}
