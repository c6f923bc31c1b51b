package io.efc.fuse;

import java.lang.foreign.MemorySegment;

/** The answer to GETXATTR and LISTXATTR: the size, if that was asked for, else the bytes. */
public interface XattrReply {
    /** Answers with the size alone; the request's size was 0. */
    void size(int bytes);

    /** Answers with the bytes; at most the request's size. */
    void value(byte[] bytes);

    /** Answers with off-heap bytes; at most the request's size. */
    void value(MemorySegment segment, long offset, int length);
}
