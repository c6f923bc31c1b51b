/** Tests of the client's parts, over a store in memory. */
@NullMarked
package io.efc.client.internal;

import org.jspecify.annotations.NullMarked;
