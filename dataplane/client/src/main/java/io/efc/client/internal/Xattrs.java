package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.fuse.FuseName;
import io.efc.fuse.FuseRequest;
import io.efc.fuse.XattrReply;
import io.efc.store.StoreException;
import io.efc.store.StoreFeature;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Extended attributes. That a file has no capability and no ACL is remembered with its attributes: the kernel and coreutils ask for those
 * again and again, and almost no file has them.
 */
final class Xattrs {
    /** XATTR_SIZE_MAX of linux/limits.h. */
    private static final int VALUE_MAX = 64 << 10;

    private static final byte[] CAPABILITY = "security.capability".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ACCESS_ACL = "system.posix_acl_access".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DEFAULT_ACL = "system.posix_acl_default".getBytes(StandardCharsets.US_ASCII);

    /** What {@code efc describe lease} asks for: not kept by the store, and not listed. */
    private static final byte[] LEASE = "user.efc.lease".getBytes(StandardCharsets.US_ASCII);

    private final Core core;

    Xattrs(Core core) {
        this.core = core;
    }

    private boolean supported(long nodeId) {
        return Core.has(core.part(nodeId), StoreFeature.XATTRS);
    }

    private static int absence(FuseName name) {
        if (name.contentEquals(CAPABILITY)) {
            return InodeTable.NO_CAPABILITY;
        }
        if (name.contentEquals(ACCESS_ACL)) {
            return InodeTable.NO_ACCESS_ACL;
        }
        return name.contentEquals(DEFAULT_ACL) ? InodeTable.NO_DEFAULT_ACL : 0;
    }

    Errno get(FuseRequest request, long nodeId, FuseName name, int size, XattrReply reply) {
        if (core.leases != null && name.contentEquals(LEASE)) {
            return answer(core.leases.describe(nodeId).getBytes(StandardCharsets.US_ASCII), size, reply);
        }
        if (!supported(nodeId)) {
            return Errno.EOPNOTSUPP;
        }
        int absence = absence(name);
        long fetchedAt = core.inodes.fetchedAt(nodeId);
        boolean fresh = core.freshness.attributes(nodeId, fetchedAt) > 0;
        if (absence != 0 && fresh && core.inodes.has(nodeId, absence)) {
            return Errno.ENODATA;
        }
        byte[] value;
        try {
            value = core.store(nodeId).getxattr(core.caller(request), core.inodes.handle(nodeId), name.toBytes());
        } catch (StoreException e) {
            if (e.errno() == Errno.ENODATA && absence != 0 && fresh && core.inodes.fetchedAt(nodeId) == fetchedAt) {
                core.inodes.set(nodeId, absence, true);
            }
            return e.errno();
        }
        return answer(value, size, reply);
    }

    private static Errno answer(byte[] value, int size, XattrReply reply) {
        if (size == 0) {
            reply.size(value.length);
        } else if (value.length > size) {
            return Errno.ERANGE;
        } else {
            reply.value(value);
        }
        return Errno.OK;
    }

    Errno list(FuseRequest request, long nodeId, int size, XattrReply reply) {
        if (!supported(nodeId)) {
            return answer(new byte[0], size, reply);
        }
        return answer(core.store(nodeId).listxattr(core.caller(request), core.inodes.handle(nodeId)), size, reply);
    }

    Errno set(FuseRequest request, long nodeId, FuseName name, int size, int flags) {
        if (!supported(nodeId)) {
            return Errno.EOPNOTSUPP;
        }
        if (size > VALUE_MAX) {
            return Errno.E2BIG;
        }
        byte[] value = request.data().asSlice(request.dataOffset(), size).toArray(ValueLayout.JAVA_BYTE);
        Credentials caller = core.caller(request);
        core.store(nodeId).setxattr(caller, core.inodes.handle(nodeId), name.toBytes(), value, flags);
        forget(nodeId);
        return Errno.OK;
    }

    Errno remove(FuseRequest request, long nodeId, FuseName name) {
        if (!supported(nodeId)) {
            return Errno.EOPNOTSUPP;
        }
        core.store(nodeId).removexattr(core.caller(request), core.inodes.handle(nodeId), name.toBytes());
        forget(nodeId);
        return Errno.OK;
    }

    private void forget(long nodeId) {
        core.inodes.set(nodeId, InodeTable.NO_CAPABILITY | InodeTable.NO_ACCESS_ACL | InodeTable.NO_DEFAULT_ACL, false);
        core.inodes.changed(nodeId, core.freshness.now());
    }
}
