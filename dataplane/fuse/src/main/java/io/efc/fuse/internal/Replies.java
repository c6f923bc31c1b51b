package io.efc.fuse.internal;

import io.efc.fuse.AttrReply;
import io.efc.fuse.DataReply;
import io.efc.fuse.DirReply;
import io.efc.fuse.EntryReply;
import io.efc.fuse.LockReply;
import io.efc.fuse.OpenReply;
import io.efc.fuse.StatfsReply;
import io.efc.fuse.StatxReply;
import io.efc.fuse.WriteReply;
import io.efc.fuse.XattrReply;
import io.efc.fuse.internal.wire.AttrOut;
import io.efc.fuse.internal.wire.EntryOut;
import io.efc.fuse.internal.wire.InitOut;
import io.efc.fuse.internal.wire.KstatfsOut;
import io.efc.fuse.internal.wire.LkOut;
import io.efc.fuse.internal.wire.LseekOut;
import io.efc.fuse.internal.wire.OpenOut;
import io.efc.fuse.internal.wire.StatxOut;
import io.efc.fuse.internal.wire.WriteOut;
import java.lang.foreign.MemorySegment;

/** The payload of a reply: one view of each struct, and which of them the request's answer is made of. */
final class Replies {
    /** Where the payload's length comes from. */
    private enum Kind {
        FIXED,
        DATA,
        DIRECTORY,
        XATTR
    }

    final DataOut data;

    private final DirOut dir;
    private final XattrOut xattr;
    private final EntryOut entry = new EntryOut();
    private final AttrOut attr = new AttrOut();
    private final OpenOut open = new OpenOut();
    private final KstatfsOut statfs = new KstatfsOut();
    private final LkOut lock = new LkOut();
    private final StatxOut statx = new StatxOut();
    private final InitOut init = new InitOut();
    private final WriteOut writeOut = new WriteOut();
    private final LseekOut lseekOut = new LseekOut();
    private final CountOut count = new CountOut();
    private final MemorySegment buffer;
    private final long start;
    private Kind kind = Kind.FIXED;
    private int fixed;

    Replies(MemorySegment buffer, long start, MemorySegment iovec) {
        this.buffer = buffer;
        this.start = start;
        this.data = new DataOut(buffer, start, iovec);
        this.dir = new DirOut(buffer, start);
        this.xattr = new XattrOut(buffer, start);
    }

    /** Starts with an empty payload. */
    void begin() {
        kind = Kind.FIXED;
        fixed = 0;
        data.begin(0);
    }

    int length() {
        return switch (kind) {
            case FIXED -> fixed;
            case DATA -> data.length();
            case DIRECTORY -> dir.length();
            case XATTR -> xattr.length();
        };
    }

    EntryReply entry() {
        entry.wrapZeroed(buffer, start, EntryOut.BYTES);
        fixed = EntryOut.BYTES;
        return entry;
    }

    OpenReply open() {
        open.wrapZeroed(buffer, start, OpenOut.BYTES);
        fixed = OpenOut.BYTES;
        return open;
    }

    /** The open reply that follows an {@link #entry}, for CREATE and TMPFILE. */
    OpenReply openAfterEntry() {
        open.wrapZeroed(buffer, start + EntryOut.BYTES, OpenOut.BYTES);
        fixed = EntryOut.BYTES + OpenOut.BYTES;
        return open;
    }

    AttrReply attr() {
        attr.wrapZeroed(buffer, start, AttrOut.BYTES);
        fixed = AttrOut.BYTES;
        return attr;
    }

    StatfsReply statfs() {
        statfs.wrapZeroed(buffer, start, KstatfsOut.BYTES);
        fixed = KstatfsOut.BYTES;
        return statfs;
    }

    LockReply lock() {
        lock.wrapZeroed(buffer, start, LkOut.BYTES);
        lock.unlocked();
        fixed = LkOut.BYTES;
        return lock;
    }

    StatxReply statx() {
        statx.wrapZeroed(buffer, start, StatxOut.BYTES);
        statx.basic();
        fixed = StatxOut.BYTES;
        return statx;
    }

    InitOut init() {
        init.wrapZeroed(buffer, start, InitOut.BYTES);
        fixed = InitOut.BYTES;
        return init;
    }

    DataReply data(int sizeMax) {
        kind = Kind.DATA;
        data.begin(sizeMax);
        return data;
    }

    DirReply dir(boolean plus, int sizeMax) {
        kind = Kind.DIRECTORY;
        dir.begin(plus, sizeMax);
        return dir;
    }

    XattrReply xattr(int size) {
        kind = Kind.XATTR;
        xattr.begin(size);
        return xattr;
    }

    WriteReply count() {
        count.value(0);
        return count;
    }

    /** Puts the {@link #count} into a fuse_write_out. */
    void countAsWriteOut() {
        writeOut.wrapZeroed(buffer, start, WriteOut.BYTES);
        writeOut.size((int) count.get());
        fixed = WriteOut.BYTES;
    }

    /** Puts the {@link #count} into a 64-bit answer. */
    void countAsLong() {
        lseekOut.wrapZeroed(buffer, start, LseekOut.BYTES);
        lseekOut.offset(count.get());
        fixed = LseekOut.BYTES;
    }

    /** Runs what the file system wants run once the reply is written or dropped. */
    void released() {
        data.released();
    }
}
