/** How {@link io.efc.master} does it: a state machine, the log in front of it, and the server. */
@NullMarked
package io.efc.master.internal;

import org.jspecify.annotations.NullMarked;
