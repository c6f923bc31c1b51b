/** {@code local:///path}: a tree of this machine as a store, through libc. */
@NullMarked
package io.efc.store.internal.local;

import org.jspecify.annotations.NullMarked;
