package io.efc.client;

/** A mount cannot be started: the message names what is wrong and what would help. */
public final class ClientException extends RuntimeException {
    public ClientException(String message) {
        super(message);
    }

    public ClientException(String message, Throwable cause) {
        super(message, cause);
    }
}
