/** Real servers, tools and faults for tests and for the demonstration: everything here runs as a process or a socket of its own. */
@NullMarked
package io.efc.testing.support;

import org.jspecify.annotations.NullMarked;
