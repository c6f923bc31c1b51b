package io.efc.client.internal;

import io.efc.base.Metrics;
import io.efc.base.Metrics.Counter;
import io.efc.base.Metrics.Histogram;

/** What a client counts. Made once a mount; recording neither allocates nor locks. */
final class ClientMetrics {
    private static final String FROM = "efc_client_read_bytes_total";
    private static final String FROM_HELP = "Bytes read for programs, now or ahead, by where they came from.";
    private static final String STAGE = "efc_client_read_seconds";
    private static final String STAGE_HELP = "Time of a read in each stage of the client.";

    /** Bytes brought in, by source. */
    final Counter fromStore;

    final Counter fromRemoteWorker;
    final Counter fromLocalWorker;
    final Counter fromNodeCache;

    /** Bytes that the kernel asked for. */
    final Counter asked;

    /** Bytes brought into this client from outside: more than asked where it reads ahead. */
    final Counter fetched;

    final Counter written;
    final Counter sent;
    final Counter readaheadShrunk;
    final Counter passthroughOpens;
    final Counter passthroughBytes;
    final Counter staleReads;

    /** Names that were not asked for, being known to be absent by the listing of their directory. */
    final Counter absentByRoster;

    final Histogram stageClient;
    final Histogram stageNodeCache;
    final Histogram stageWorker;
    final Histogram stageStore;

    ClientMetrics(Metrics metrics) {
        fromStore = metrics.counter(FROM, FROM_HELP, "source", "store");
        fromRemoteWorker = metrics.counter(FROM, FROM_HELP, "source", "remoteWorker");
        fromLocalWorker = metrics.counter(FROM, FROM_HELP, "source", "localWorker");
        fromNodeCache = metrics.counter(FROM, FROM_HELP, "source", "nodeCache");
        asked = metrics.counter("efc_client_read_asked_bytes_total", "Bytes that the kernel asked for.");
        fetched = metrics.counter(
                "efc_client_read_fetched_bytes_total", "Bytes brought into this client from workers and stores.");
        written = metrics.counter("efc_client_written_bytes_total", "Bytes that programs wrote.");
        sent = metrics.counter("efc_client_write_sent_bytes_total", "Bytes that were written to the store.");
        readaheadShrunk = metrics.counter(
                "efc_client_readahead_shrunk_total", "Times a readahead window shrank for want of buffers.");
        passthroughOpens =
                metrics.counter("efc_client_passthrough_opens_total", "Opens that the kernel serves from a tier file.");
        passthroughBytes =
                metrics.counter("efc_client_passthrough_open_bytes_total", "Sizes of the files that were opened so.");
        staleReads = metrics.counter(
                "efc_client_stale_reads_total", "Reads begun again because the file had changed in the store.");
        absentByRoster = metrics.counter(
                "efc_client_absent_by_roster_total",
                "Names looked up that a directory does not have whose names are all known: the store was not asked.");
        stageClient = metrics.histogram(STAGE, STAGE_HELP, "stage", "client");
        stageNodeCache = metrics.histogram(STAGE, STAGE_HELP, "stage", "node_cache");
        stageWorker = metrics.histogram(STAGE, STAGE_HELP, "stage", "worker");
        stageStore = metrics.histogram(STAGE, STAGE_HELP, "stage", "store");
    }

    /** Counts bytes that came from {@code source}, for a program or ahead of one. */
    void from(Origin source, long bytes) {
        if (source != Origin.NODE_CACHE) {
            fetched.add(bytes);
        }
        switch (source) {
            case STORE -> fromStore.add(bytes);
            case REMOTE_WORKER -> fromRemoteWorker.add(bytes);
            case LOCAL_WORKER -> fromLocalWorker.add(bytes);
            case NODE_CACHE -> fromNodeCache.add(bytes);
        }
    }
}
