/** The wire, byte for byte, and servers that misbehave. */
@NullMarked
package io.efc.nfs.internal;

import org.jspecify.annotations.NullMarked;
