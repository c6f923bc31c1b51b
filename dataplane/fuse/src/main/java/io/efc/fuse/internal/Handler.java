package io.efc.fuse.internal;

import io.efc.base.Errno;
import io.efc.fuse.FuseFileSystem;

/** Decodes one operation's message, calls the file system, and leaves the reply in the exchange. */
@FunctionalInterface
interface Handler {
    Errno handle(Exchange x, FuseFileSystem fs);
}
