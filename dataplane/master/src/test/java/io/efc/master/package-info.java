/** Whole masters. */
@org.jspecify.annotations.NullMarked
package io.efc.master;
