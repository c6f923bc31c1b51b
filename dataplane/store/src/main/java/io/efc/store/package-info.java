/** Where the data really lives: {@link io.efc.store.UnderStore} and its implementations. */
@NullMarked
package io.efc.store;

import org.jspecify.annotations.NullMarked;
