package io.efc.fuse;

import io.efc.base.Check;

/**
 * How a mount talks to the kernel.
 *
 * @param fsName the source shown in /proc/mounts, e.g. {@code efc:demo}
 * @param subtype shown as {@code fuse.<subtype>}
 * @param readOnly mounts with MS_RDONLY
 * @param allowOther other users may use the mount
 * @param defaultPermissions the kernel checks modes and ACLs
 * @param readers threads that read requests, 1 to 256; each answers one request at a time
 * @param maxWriteBytes the most bytes of one READ or WRITE, a multiple of 4096; the kernel's fs.fuse.max_pages_limit also bounds it
 * @param maxReadaheadBytes the most bytes the kernel reads ahead
 * @param maxBackground the most background requests (readahead, writeback) in flight, 1 to 65535
 * @param writebackCache the kernel keeps dirty pages; excludes passthrough
 * @param passthrough backing files may be registered; excludes writebackCache
 * @param explicitInvalidation only notifications drop pages (leases); otherwise a changed mtime or size does
 */
public record FuseConfig(
        String fsName,
        String subtype,
        boolean readOnly,
        boolean allowOther,
        boolean defaultPermissions,
        int readers,
        int maxWriteBytes,
        int maxReadaheadBytes,
        int maxBackground,
        boolean writebackCache,
        boolean passthrough,
        boolean explicitInvalidation) {
    public FuseConfig {
        Check.argument(readers >= 1 && readers <= 256, "readers must be 1 to 256, not %d", readers);
        Check.argument(
                maxWriteBytes >= 4096 && maxWriteBytes % 4096 == 0,
                "maxWriteBytes must be a multiple of 4096, not %d",
                maxWriteBytes);
        Check.argument(
                maxBackground >= 1 && maxBackground <= 65535,
                "maxBackground must be 1 to 65535, not %d",
                maxBackground);
        Check.argument(!(writebackCache && passthrough), "writebackCache and passthrough exclude each other");
    }

    /** The defaults, for a mount shown as {@code fsName}. */
    public static FuseConfig defaults(String fsName) {
        return new FuseConfig(fsName, "efc", false, true, true, 16, 1 << 20, 1 << 20, 64, false, true, false);
    }
}
