package io.efc.fuse;

/** A count or a position: the answer to WRITE, LSEEK and COPY_FILE_RANGE. */
public interface WriteReply {
    /** Bytes written or copied; for LSEEK the position. */
    void value(long value);
}
