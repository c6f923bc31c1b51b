/** How {@link io.efc.base} reaches libc. */
@NullMarked
package io.efc.base.internal;

import org.jspecify.annotations.NullMarked;
