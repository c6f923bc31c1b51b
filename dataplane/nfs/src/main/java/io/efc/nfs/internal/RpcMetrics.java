package io.efc.nfs.internal;

import io.efc.base.Metrics;

/** What the RPC layer counts, under the names {@code efc_nfs_*}. One for all mounts of a process. */
public final class RpcMetrics {
    /** The meters of one kind of request. */
    public static final class Op {
        final String name;
        final Metrics.Counter requests;
        final Metrics.Counter errors;
        final Metrics.Histogram latency;

        private Op(Metrics metrics, String name) {
            this.name = name;
            requests = metrics.counter("efc_nfs_requests_total", "Requests sent to NFS servers.", "op", name);
            errors = metrics.counter(
                    "efc_nfs_request_errors_total", "Requests that the server answered with an error.", "op", name);
            latency = metrics.histogram(
                    "efc_nfs_request_seconds", "Time from sending a request to its answer.", "op", name);
        }

        /** The request's name, for messages. */
        public String name() {
            return name;
        }

        /** Counts an answer that was an error of the protocol above. */
        public void error() {
            errors.increment();
        }
    }

    final Metrics.Counter retransmits;
    final Metrics.Counter reconnects;
    final Metrics.Counter bytesSent;
    final Metrics.Counter bytesReceived;
    final Metrics.Counter strayReplies;
    private final Metrics metrics;

    public RpcMetrics(Metrics metrics) {
        this.metrics = metrics;
        retransmits =
                metrics.counter("efc_nfs_retransmits_total", "Requests sent again after their connection was lost.");
        reconnects = metrics.counter("efc_nfs_reconnects_total", "Connections opened again after they were lost.");
        bytesSent = metrics.counter("efc_nfs_sent_bytes_total", "Bytes sent to NFS servers.");
        bytesReceived = metrics.counter("efc_nfs_received_bytes_total", "Bytes of replies received.");
        strayReplies = metrics.counter("efc_nfs_stray_replies_total", "Messages received that answer no request.");
    }

    /** The meters of requests called {@code name}; made once, kept by the caller. */
    public Op op(String name) {
        return new Op(metrics, name);
    }
}
