/** The NAS's protocol: a client of our own for NFSv4.1 (with what it can of 4.2) and NFSv3. */
@NullMarked
package io.efc.nfs;

import org.jspecify.annotations.NullMarked;
