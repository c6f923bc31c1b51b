/** The {@code efc} command: every process of EFC is one of its subcommands. */
@NullMarked
package io.efc.cli;

import org.jspecify.annotations.NullMarked;
