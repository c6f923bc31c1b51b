/**
 * The kernel's FUSE protocol: {@code /dev/fuse} below, {@link io.efc.fuse.FuseFileSystem} above. It knows nothing of caches or
 * stores.
 *
 * <p>Known deadlocks, each measured: a process that touches its own mount; a notification ({@link io.efc.fuse.FuseNotifier})
 * written by the thread that is answering a request.
 */
@NullMarked
package io.efc.fuse;

import org.jspecify.annotations.NullMarked;
