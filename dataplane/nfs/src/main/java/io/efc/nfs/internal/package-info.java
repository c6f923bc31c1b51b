/** ONC-RPC over TCP, XDR, and the two protocols on top of them. */
@NullMarked
package io.efc.nfs.internal;

import org.jspecify.annotations.NullMarked;
