/** How {@link io.efc.worker} does it. */
@NullMarked
package io.efc.worker.internal;

import org.jspecify.annotations.NullMarked;
