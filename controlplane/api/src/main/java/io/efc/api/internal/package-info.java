/** How manifests are read and checked. */
@NullMarked
package io.efc.api.internal;

import org.jspecify.annotations.NullMarked;
