/** The subcommands, and the standalone cluster that {@code efc up} runs on one machine. */
@NullMarked
package io.efc.cli.internal;

import org.jspecify.annotations.NullMarked;
