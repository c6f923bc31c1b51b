package io.efc.fuse;

/** What COPY_FILE_RANGE asks for (struct fuse_copy_file_range_in). */
public interface CopyArgs {
    long nodeIdIn();

    long fhIn();

    long offsetIn();

    long nodeIdOut();

    long fhOut();

    long offsetOut();

    /** Bytes. */
    long length();
}
