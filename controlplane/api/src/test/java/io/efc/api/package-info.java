/** Tests of the types and of the strict reader. */
@NullMarked
package io.efc.api;

import org.jspecify.annotations.NullMarked;
