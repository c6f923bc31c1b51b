package io.efc.lease;

/** Where a {@link LeaseMaster} puts what has to be done; rules as for {@link ClientSink}. */
public interface MasterSink {
    /** Send this to the client that has {@link ToClient#session}; it may be gone. */
    void send(ToClient message);

    /** Put this into the replicated log, in this order; {@link LeaseMaster#onCommitted} when it is committed. */
    void replicate(LogEntry entry);

    /** Counts. */
    void event(LeaseEvent event);
}
