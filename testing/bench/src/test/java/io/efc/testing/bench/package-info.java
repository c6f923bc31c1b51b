@NullMarked
package io.efc.testing.bench;

import org.jspecify.annotations.NullMarked;
