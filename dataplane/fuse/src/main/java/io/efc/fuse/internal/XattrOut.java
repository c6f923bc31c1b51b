package io.efc.fuse.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.efc.base.Check;
import io.efc.fuse.XattrReply;
import io.efc.fuse.internal.wire.GetxattrOut;
import java.lang.foreign.MemorySegment;

/** The answer to GETXATTR and LISTXATTR: struct fuse_getxattr_out, or the bytes. */
final class XattrOut implements XattrReply {
    private final MemorySegment buffer;
    private final long start;
    private final GetxattrOut sizeOut = new GetxattrOut();
    private int requested;
    private int length;

    XattrOut(MemorySegment buffer, long start) {
        this.buffer = buffer;
        this.start = start;
    }

    /** Starts the answer to a request for {@code size} bytes; 0 asks for the size. */
    void begin(int size) {
        requested = size;
        length = 0;
        if (size == 0) {
            size(0);
        }
    }

    int length() {
        return length;
    }

    @Override
    public void size(int bytes) {
        Check.state(requested == 0, "the bytes were asked for, %d at most, not the size", requested);
        sizeOut.wrapZeroed(buffer, start, GetxattrOut.BYTES);
        sizeOut.size(bytes);
        length = GetxattrOut.BYTES;
    }

    @Override
    public void value(byte[] bytes) {
        checkFits(bytes.length);
        MemorySegment.copy(bytes, 0, buffer, JAVA_BYTE, start, bytes.length);
        length = bytes.length;
    }

    @Override
    public void value(MemorySegment segment, long offset, int bytes) {
        checkFits(bytes);
        MemorySegment.copy(segment, offset, buffer, start, bytes);
        length = bytes;
    }

    private void checkFits(int bytes) {
        Check.state(requested > 0 && bytes <= requested, "a value of %d bytes to a request for %d", bytes, requested);
    }
}
