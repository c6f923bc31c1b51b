/** Whole-system measurements, each beside a reference that runs in the same minutes on the same machine. */
@NullMarked
package io.efc.testing.bench;

import org.jspecify.annotations.NullMarked;
