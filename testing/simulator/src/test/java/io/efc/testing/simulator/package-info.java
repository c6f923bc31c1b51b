@NullMarked
package io.efc.testing.simulator;

import org.jspecify.annotations.NullMarked;
