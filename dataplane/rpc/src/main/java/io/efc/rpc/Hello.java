package io.efc.rpc;

import io.efc.base.Check;
import java.nio.charset.StandardCharsets;

/**
 * Who opens a connection.
 *
 * @param dataset the number of the dataset that everything on this connection is about
 * @param name the process's own name, for logs and figures: at most {@value #NAME_BYTES_MAX} bytes
 * @param nonce {@value Secret#PROOF_BYTES} random bytes
 */
@SuppressWarnings("ArrayRecordComponent")
record Hello(Role role, long dataset, String name, byte[] nonce) {
    static final int NAME_BYTES_MAX = 128;

    Hello {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        Check.argument(bytes <= NAME_BYTES_MAX, "a peer's name has %d bytes, more than 128", bytes);
    }
}
