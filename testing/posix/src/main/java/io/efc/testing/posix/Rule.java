package io.efc.testing.posix;

import java.util.Set;

/**
 * One promise and the steps that show whether it is kept.
 *
 * @param name {@code group: sentence}, unique in the suite
 * @param needs what the file system must have for the rule to mean anything
 * @param steps run in a fresh, empty directory with mode 0777
 */
record Rule(String name, Set<Capability> needs, Steps steps) {
    /** What a rule does; throws {@link Broken} if the promise is not kept. */
    @FunctionalInterface
    interface Steps {
        void run(Scene t);
    }
}
