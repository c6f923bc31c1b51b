package io.efc.fuse;

/**
 * What INIT settled with the kernel. It travels to a successor that is handed the descriptor and skips INIT.
 *
 * @param minor the protocol's minor version, of major 7
 * @param flags the FUSE_* bits that both sides have, 64 bits wide
 * @param maxWrite the most bytes of one WRITE
 * @param maxReadahead the most bytes the kernel reads ahead
 * @param maxPages the most pages of one request
 * @param maxBackground the most background requests
 */
public record FuseNegotiated(int minor, long flags, int maxWrite, int maxReadahead, int maxPages, int maxBackground) {
    /** True if {@code flag}, one of {@link FuseFlags}, is on. */
    public boolean has(long flag) {
        return (flags & flag) != 0;
    }
}
