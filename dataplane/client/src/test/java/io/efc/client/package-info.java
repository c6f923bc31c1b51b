/** Tests of a mount through the kernel: the server is a process of its own, since no process may touch its own mount. */
@NullMarked
package io.efc.client;

import org.jspecify.annotations.NullMarked;
