/** The client against a real server. */
@NullMarked
package io.efc.nfs;

import org.jspecify.annotations.NullMarked;
