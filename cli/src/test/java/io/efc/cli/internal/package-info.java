/** Tests of the command line's parts. */
@NullMarked
package io.efc.cli.internal;

import org.jspecify.annotations.NullMarked;
