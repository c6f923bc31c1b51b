package io.efc.testing.simulator;

import org.jspecify.annotations.Nullable;

/**
 * What a run was like.
 *
 * @param violation what is wrong, null if nothing is
 * @param hash of everything that happened: the same whenever the seed is run again
 * @param steps how much happened
 * @param trace a line for each thing that happened, if it was asked for
 */
public record Outcome(long seed, @Nullable String violation, long hash, long steps, String trace) {}
