/** What every other module stands on: units, errno, always-on checks, time, and libc through java.lang.foreign. */
@NullMarked
package io.efc.base;

import org.jspecify.annotations.NullMarked;
