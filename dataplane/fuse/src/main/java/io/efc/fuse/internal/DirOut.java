package io.efc.fuse.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import io.efc.base.Check;
import io.efc.fuse.DirReply;
import io.efc.fuse.EntryReply;
import io.efc.fuse.internal.wire.Dirent;
import io.efc.fuse.internal.wire.EntryOut;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The entries of READDIR (struct fuse_dirent) and READDIRPLUS (struct fuse_direntplus: a fuse_entry_out before each dirent), one after
 * the other, each padded to a multiple of 8 bytes.
 */
final class DirOut implements DirReply {
    private final MemorySegment buffer;
    private final long start;
    private final Dirent dirent = new Dirent();
    private final EntryOut entry = new EntryOut();
    private boolean plus;
    private int room;
    private int length;

    DirOut(MemorySegment buffer, long start) {
        this.buffer = buffer;
        this.start = start;
    }

    /** Starts an answer of at most {@code bytes}. */
    void begin(boolean withAttributes, int bytes) {
        plus = withAttributes;
        room = bytes;
        length = 0;
    }

    int length() {
        return length;
    }

    @Override
    public boolean add(byte[] name, long ino, int type, long cookie) {
        Check.state(!plus, "READDIRPLUS is answered with addPlus");
        return append(name, ino, type, cookie, 0);
    }

    @Override
    public @Nullable EntryReply addPlus(byte[] name, long ino, int type, long cookie) {
        Check.state(plus, "READDIR is answered with add");
        long at = start + length;
        if (!append(name, ino, type, cookie, EntryOut.BYTES)) {
            return null;
        }
        entry.wrapZeroed(buffer, at, EntryOut.BYTES);
        return entry;
    }

    private boolean append(byte[] name, long ino, int type, long cookie, int before) {
        Check.state(cookie != 0, "cookie 0 is the directory's start");
        Check.state(name.length > 0 && name.length <= Exchange.NAME_MAX, "a name of %d bytes", name.length);
        int bytes = before + Dirent.BYTES + (name.length + 7 & ~7);
        if (bytes > room - length) {
            return false;
        }
        long at = start + length + before;
        dirent.wrap(buffer, at);
        dirent.ino(ino).cookie(cookie).nameLength(name.length).type(type);
        buffer.set(JAVA_LONG_UNALIGNED, start + length + bytes - 8, 0);
        MemorySegment.copy(name, 0, buffer, JAVA_BYTE, at + Dirent.BYTES, name.length);
        length += bytes;
        return true;
    }
}
