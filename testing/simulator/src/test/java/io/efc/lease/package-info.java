/** The protocol with defects in it, which only its own package can make. */
@NullMarked
package io.efc.lease;

import org.jspecify.annotations.NullMarked;
