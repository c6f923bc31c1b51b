package io.efc.nfs.internal;

/** Bytes that are not the XDR they should be, or a length beyond its limit. Expected from a broken peer, hence without a stack trace. */
public final class XdrException extends RuntimeException {
    public XdrException(String what) {
        super(what, null, false, false);
    }
}
