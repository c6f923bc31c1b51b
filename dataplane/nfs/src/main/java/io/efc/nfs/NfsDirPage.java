package io.efc.nfs;

import java.util.List;

/**
 * A part of a directory's listing.
 *
 * @param verifier to be handed to the call that goes on
 * @param eof there is nothing after {@code entries}
 */
public record NfsDirPage(List<NfsDirEntry> entries, long verifier, boolean eof) {}
