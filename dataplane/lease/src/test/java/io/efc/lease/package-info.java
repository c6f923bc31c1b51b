/** The rules of the lease protocol, each on its own, and each seen to fail with a {@link io.efc.lease.Flaw} where there is one against it. */
@NullMarked
package io.efc.lease;

import org.jspecify.annotations.NullMarked;
