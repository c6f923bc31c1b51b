/** Whole clusters and mounts of real servers, whose parts are killed, filled and spoiled while programs work on them. */
@NullMarked
package io.efc.testing.e2e.faults;

import org.jspecify.annotations.NullMarked;
