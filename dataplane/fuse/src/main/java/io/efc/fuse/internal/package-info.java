/** How {@link io.efc.fuse.FuseServer} speaks the protocol: device, messages, operation table, reader threads, notifications. */
@NullMarked
package io.efc.fuse.internal;

import org.jspecify.annotations.NullMarked;
