@NullMarked
package io.efc.testing.posix;

import org.jspecify.annotations.NullMarked;
