/** Tests of the kernel's structs. */
@NullMarked
package io.efc.fuse.internal.wire;

import org.jspecify.annotations.NullMarked;
