/** Blocks of files in tiers of memory and disk, and their placement over workers. */
@NullMarked
package io.efc.cache;

import org.jspecify.annotations.NullMarked;
