/** How {@link io.efc.client} does it. */
@NullMarked
package io.efc.client.internal;

import org.jspecify.annotations.NullMarked;
