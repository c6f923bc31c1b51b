/** Tests of the FUSE protocol without a mount. */
@NullMarked
package io.efc.fuse.internal;

import org.jspecify.annotations.NullMarked;
