package io.efc.rpc;

/** A connection could not be made, was refused, or a control call failed; the status says how. Expected, hence without a stack trace. */
public final class RpcException extends RuntimeException {
    private final Status status;

    public RpcException(Status status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    public Status status() {
        return status;
    }
}
