/**
 * The structs of linux/fuse.h as flyweights: a view is wrapped around a place in memory and reads or writes the fields there, in
 * native byte order. Offset constants carry the names of the C fields.
 */
@NullMarked
package io.efc.fuse.internal.wire;

import org.jspecify.annotations.NullMarked;
