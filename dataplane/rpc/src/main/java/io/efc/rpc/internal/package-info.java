/** How {@link io.efc.rpc} moves frames. */
@NullMarked
package io.efc.rpc.internal;

import org.jspecify.annotations.NullMarked;
