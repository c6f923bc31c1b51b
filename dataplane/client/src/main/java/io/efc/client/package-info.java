/** The file system between the kernel and the cluster: inodes, attributes, the read and the write path. */
@NullMarked
package io.efc.client;

import org.jspecify.annotations.NullMarked;
