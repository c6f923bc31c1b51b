/** A cache node: lends its memory to the ring, serves blocks, and fetches what is missing from the store once. */
@NullMarked
package io.efc.worker;

import org.jspecify.annotations.NullMarked;
