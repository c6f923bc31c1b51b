/** Tests of the FUSE protocol, and an in-memory file system to serve. */
@NullMarked
package io.efc.fuse;

import org.jspecify.annotations.NullMarked;
