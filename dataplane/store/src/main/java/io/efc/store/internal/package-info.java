/** What all stores share behind {@link io.efc.store.Stores}. */
@NullMarked
package io.efc.store.internal;

import org.jspecify.annotations.NullMarked;
