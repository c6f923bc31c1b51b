package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.fuse.DirReply;
import io.efc.fuse.EntryReply;
import io.efc.fuse.FuseRequest;
import io.efc.fuse.OpenReply;
import io.efc.store.DirEntry;
import io.efc.store.DirPage;
import io.efc.store.FileType;
import io.efc.store.StoreEntry;
import io.efc.store.StoreException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * OPENDIR to RELEASEDIR. A listing streams page by page; one page an open directory is in memory. The kernel's cookies are the store's,
 * but for 1 and 2, which stand for {@code .} and {@code ..}.
 */
final class Directories {
    /** Entries of one page: about what fills the largest reply. */
    private static final int PAGE_ENTRIES = 512;

    private static final long DOT = 1;
    private static final long DOT_DOT = 2;

    /** Marks a store's cookie of 1 or 2. */
    private static final long LOW = 1L << 62;

    private static final byte[] DOT_NAME = {'.'};
    private static final byte[] DOT_DOT_NAME = {'.', '.'};

    private final Core core;
    private final Attributes attributes;
    private final SillyNames silly;

    Directories(Core core, Attributes attributes, SillyNames silly) {
        this.core = core;
        this.attributes = attributes;
        this.silly = silly;
    }

    Errno opendir(FuseRequest request, long nodeId, OpenReply reply) {
        Credentials caller = core.caller(request);
        attributes.revalidate(caller, request.pid(), nodeId);
        OpenDirectory d = new OpenDirectory(nodeId, core.part(nodeId), core.inodes.handle(nodeId), caller);
        core.inodes.pin(nodeId);
        reply.handle(core.open.addDirectory(d));
        return Errno.OK;
    }

    void releasedir(long fh) {
        core.inodes.unpin(core.open.removeDirectory(fh).nodeId);
    }

    Errno readdir(FuseRequest request, long fh, long cookie, boolean plus, DirReply reply) {
        OpenDirectory d = core.open.directory(fh);
        if (core.inodes.has(d.nodeId, InodeTable.GONE)) {
            return Errno.OK;
        }
        synchronized (d) {
            long from = cookie;
            if (from == 0) {
                d.page = null;
                d.verifier = 0;
                if (!dot(reply, plus, DOT_NAME, number(d.nodeId), DOT)) {
                    return Errno.OK;
                }
                from = DOT;
            }
            if (from == DOT) {
                if (!dot(reply, plus, DOT_DOT_NAME, parentNumber(d.nodeId), DOT_DOT)) {
                    return Errno.OK;
                }
                from = DOT_DOT;
            }
            list(request, d, from == DOT_DOT ? 0 : storeCookie(from), plus, reply);
            return Errno.OK;
        }
    }

    private static boolean dot(DirReply reply, boolean plus, byte[] name, long ino, long cookie) {
        int type = FileType.DIRECTORY.code();
        return plus ? reply.addPlus(name, ino, type, cookie) != null : reply.add(name, ino, type, cookie);
    }

    private long number(long nodeId) {
        return core.inodes.number(nodeId);
    }

    private long parentNumber(long nodeId) {
        long parent = core.inodes.parent(nodeId);
        return parent != 0 && core.inodes.isLive(parent) ? number(parent) : number(nodeId);
    }

    private void list(FuseRequest request, OpenDirectory d, long from, boolean plus, DirReply reply) {
        long cookie = from;
        boolean any = false;
        while (true) {
            DirPage page = page(d, cookie, plus, any);
            if (page == null) {
                return;
            }
            List<DirEntry> entries = page.entries();
            for (int i = after(d, page, cookie); i < entries.size(); i++) {
                DirEntry e = entries.get(i);
                if (!silly.isHidden(e.name())) {
                    if (!add(request, d, e, plus, reply)) {
                        return;
                    }
                    any = true;
                }
                cookie = e.cookie();
            }
            if (page.eof()) {
                return;
            }
        }
    }

    /** The index in {@code page} of the first entry after {@code cookie}. */
    private static int after(OpenDirectory d, DirPage page, long cookie) {
        if (cookie == d.pageCookie) {
            return 0;
        }
        List<DirEntry> entries = page.entries();
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).cookie() == cookie) {
                return i + 1;
            }
        }
        return 0;
    }

    /** The page that goes on after {@code cookie}; null if the store fails and there is something to answer already. */
    private @Nullable DirPage page(OpenDirectory d, long cookie, boolean plus, boolean any) {
        DirPage page = d.page;
        if (page != null && d.pagePlus == plus && holds(d, page, cookie)) {
            return page;
        }
        long askedAt = core.freshness.now();
        try {
            page = d.part.store().readdir(d.caller, d.handle, cookie, cookie == 0 ? 0 : d.verifier, PAGE_ENTRIES, plus);
        } catch (StoreException e) {
            if (any) {
                return null;
            }
            throw e;
        }
        d.page = page;
        d.pageCookie = cookie;
        d.pagePlus = plus;
        d.pageAskedAt = askedAt;
        d.verifier = page.verifier();
        return page;
    }

    private static boolean holds(OpenDirectory d, DirPage page, long cookie) {
        if (cookie == d.pageCookie) {
            return true;
        }
        List<DirEntry> entries = page.entries();
        for (int i = 0; i < entries.size(); i++) {
            if (entries.get(i).cookie() == cookie) {
                return i + 1 < entries.size() || page.eof();
            }
        }
        return false;
    }

    private boolean add(FuseRequest request, OpenDirectory d, DirEntry e, boolean plus, DirReply reply) {
        long ino = core.namespace.number(d.part, d.handle, e);
        long cookie = kernelCookie(e.cookie());
        if (!plus) {
            return reply.add(e.name(), ino, e.type().code(), cookie);
        }
        EntryReply r = reply.addPlus(e.name(), ino, e.type().code(), cookie);
        if (r == null) {
            return false;
        }
        StoreEntry entry = e.entry();
        if (entry != null) {
            describe(request, d, entry, r);
        }
        return true;
    }

    /** Leaves the reply a mere name if the file is being written here: the listing's attributes would take back its size. */
    private void describe(FuseRequest request, OpenDirectory d, StoreEntry entry, EntryReply r) {
        long nodeId =
                core.inodes.intern(d.part.number(), entry.handle(), entry.attr().fileId(), d.nodeId, 1);
        OpenInode open = core.open.inode(nodeId);
        if (open != null && open.writes.isMoving()) {
            core.inodes.forget(nodeId, 1);
            return;
        }
        try {
            long left = core.freshness.entry(d.nodeId, d.pageAskedAt);
            attributes.entry(request, nodeId, entry.attr(), d.pageAskedAt, left, r);
        } catch (StoreException e) {
            core.inodes.forget(nodeId, 1);
            r.nodeId(0);
        }
    }

    private static long kernelCookie(long cookie) {
        return cookie == DOT || cookie == DOT_DOT ? LOW | cookie : cookie;
    }

    private static long storeCookie(long cookie) {
        return (cookie & ~3L) == LOW ? cookie & 3 : cookie;
    }
}
