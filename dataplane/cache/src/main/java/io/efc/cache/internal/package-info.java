/** The block cache's parts: index, eviction, tier files, slabs. */
@NullMarked
package io.efc.cache.internal;

import org.jspecify.annotations.NullMarked;
