/**
 * What POSIX.1-2024 and Linux's manual pages promise of a file system, as rules that run on any directory; and two seeded
 * testers, {@link io.efc.testing.posix.RandomOps} and {@link io.efc.testing.posix.FileExerciser}.
 */
@NullMarked
package io.efc.testing.posix;

import org.jspecify.annotations.NullMarked;
