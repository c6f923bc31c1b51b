package io.efc.cache.internal;

import org.jspecify.annotations.Nullable;

/**
 * A large file that left the index, to be disposed of when no lock is held: freeing its pages may take long, and only
 * then does its space count as free.
 *
 * @param open its retired descriptor, if it was open
 * @param sequence names it; 0 if the file itself stays because an evicting thread still has a block of it
 * @param bytes space to release
 */
record Garbage(@Nullable OpenFile open, long sequence, long bytes) {}
