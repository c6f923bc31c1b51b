/**
 * The cluster's protocol: frames, messages, mutual authentication, a server and a client. docs/protocol/cluster.md draws the bytes; nothing
 * here knows what a worker or a master does with a message.
 */
@NullMarked
package io.efc.rpc;

import org.jspecify.annotations.NullMarked;
