/** Tests of the whole: the directions between modules, and `./efc` as its users run it. */
@NullMarked
package io.efc.testing.e2e;

import org.jspecify.annotations.NullMarked;
