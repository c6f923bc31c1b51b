/** Members, ring epochs and client sessions of one runtime. */
@NullMarked
package io.efc.master;

import org.jspecify.annotations.NullMarked;
