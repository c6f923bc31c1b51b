/**
 * A deterministic, single-threaded simulator of a whole cluster under the lease protocol: the production classes of {@code io.efc.lease}, a network, a
 * store, masters with a model of their replicated log, and clients with a model of their caches. A seed decides everything.
 */
@NullMarked
package io.efc.testing.simulator;

import org.jspecify.annotations.NullMarked;
