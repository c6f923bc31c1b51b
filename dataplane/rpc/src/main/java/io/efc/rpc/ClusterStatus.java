package io.efc.rpc;

import java.util.ArrayList;
import java.util.List;

/**
 * Everything that {@code efc get dataset} shows: the body of STATUS's reply.
 *
 * @param ufsTotalBytes what the stores hold; -1 if nobody knows
 * @param pastSessions the figures of all sessions that have ended
 */
public record ClusterStatus(
        DatasetView dataset,
        long epoch,
        long ufsTotalBytes,
        List<Worker> workers,
        List<Session> sessions,
        SessionFigures pastSessions) {
    public ClusterStatus {
        workers = List.copyOf(workers);
        sessions = List.copyOf(sessions);
    }

    /**
     * A worker of the ring.
     *
     * @param joinedMillis since the epoch
     * @param silentMillis since its last heartbeat
     */
    public record Worker(Member member, long joinedMillis, long silentMillis, WorkerFigures figures) {}

    /** A client's mount. */
    public record Session(
            String id, String node, String mountPoint, long openedMillis, long silentMillis, SessionFigures figures) {}

    /** All workers' quotas. */
    public long capacityBytes() {
        return workers.stream().mapToLong(w -> w.member().quota()).sum();
    }

    /** What all workers hold. */
    public long cachedBytes() {
        return workers.stream().mapToLong(w -> w.figures().usedBytes()).sum();
    }

    /** Where all bytes came from that clients have read, ended sessions included. */
    public SessionFigures read() {
        return sessions.stream().map(Session::figures).reduce(pastSessions, SessionFigures::plus);
    }

    public byte[] encode() {
        Wire.Writer out = new Wire.Writer();
        dataset.encode(out);
        out.i64(epoch).i64(ufsTotalBytes).count(workers.size());
        for (Worker w : workers) {
            w.member.encode(out);
            out.i64(w.joinedMillis).i64(w.silentMillis);
            w.figures.encode(out);
        }
        out.count(sessions.size());
        for (Session s : sessions) {
            out.string(s.id)
                    .string(s.node)
                    .string(s.mountPoint)
                    .i64(s.openedMillis)
                    .i64(s.silentMillis);
            s.figures.encode(out);
        }
        pastSessions.encode(out);
        return out.bytes();
    }

    public static ClusterStatus decode(byte[] bytes) {
        Wire.Reader in = new Wire.Reader(bytes);
        DatasetView dataset = DatasetView.decode(in);
        long epoch = in.i64();
        long ufs = in.i64();
        List<Worker> workers = new ArrayList<>();
        for (int i = in.count(); i > 0; i--) {
            workers.add(new Worker(Member.decode(in), in.i64(), in.i64(), WorkerFigures.decode(in)));
        }
        List<Session> sessions = new ArrayList<>();
        for (int i = in.count(); i > 0; i--) {
            sessions.add(
                    new Session(in.string(), in.string(), in.string(), in.i64(), in.i64(), SessionFigures.decode(in)));
        }
        SessionFigures past = SessionFigures.decode(in);
        in.end();
        return new ClusterStatus(dataset, epoch, ufs, workers, sessions, past);
    }
}
