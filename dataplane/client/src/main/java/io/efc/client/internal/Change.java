package io.efc.client.internal;

/** The right to change something, until it is closed. */
interface Change extends AutoCloseable {
    /** Where nobody else is kept out. */
    Change UNGUARDED = () -> {};

    @Override
    void close();
}
