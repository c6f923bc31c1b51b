package io.efc.cache.internal;

import io.efc.base.Libc;
import io.efc.cache.CacheKey;
import io.efc.cache.WholeFile;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** A whole file that was given out, with a descriptor of its own that can only read: it may go to another process. */
final class Hold implements WholeFile {
    private static final VarHandle CLOSED;

    static {
        try {
            CLOSED = MethodHandles.lookup().findVarHandle(Hold.class, "closed", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Tier tier;
    private final CacheKey key;
    private final int file;
    private final OpenFile open;
    private int fd = -1;

    @SuppressWarnings("UnusedVariable")
    private volatile boolean closed;

    Hold(Tier tier, CacheKey key, int file, OpenFile open) {
        this.tier = tier;
        this.key = key;
        this.file = file;
        this.open = open;
    }

    @Override
    public int fd() {
        return fd;
    }

    /** Verifies the file and opens it for reading; false if it is not whole any more. */
    boolean open() {
        if (!verify()) {
            return false;
        }
        fd = tier.directory().openForReading(TierDirectory.name(open.sequence));
        return fd >= 0;
    }

    @Override
    public long size() {
        return key.size();
    }

    /**
     * Reads everything and compares checksums, unless that was done since the last change. One thread a file; others
     * wait for it. An interrupt ends it.
     */
    private boolean verify() {
        open.verifying.lock();
        try {
            long hash = Hash.file(key);
            if (isVerified(hash)) {
                return true;
            }
            Geometry geometry = tier.geometry();
            for (long position = 0; position < key.size(); position += geometry.blockBytes()) {
                int length = (int) Math.min(geometry.blockBytes(), key.size() - position);
                Pin pin = Thread.currentThread().isInterrupted() ? null : tier.pin(key, hash, position, length);
                if (pin == null) {
                    return false;
                }
                try {
                    if (!pin.verify()) {
                        return false;
                    }
                } finally {
                    pin.close();
                }
            }
            return setVerified(hash);
        } finally {
            open.verifying.unlock();
        }
    }

    private boolean isVerified(long hash) {
        Stripe stripe = tier.stripe(hash);
        stripe.lock.lock();
        try {
            return !tier.isClosed() && tier.files().has(file, FileTable.VERIFIED);
        } finally {
            stripe.lock.unlock();
        }
    }

    private boolean setVerified(long hash) {
        Stripe stripe = tier.stripe(hash);
        stripe.lock.lock();
        try {
            if (tier.isClosed()
                    || tier.files().has(file, FileTable.DEAD)
                    || tier.files().complete(file) != tier.geometry().blocks(key.size())) {
                return false;
            }
            tier.files().set(file, FileTable.VERIFIED);
            return true;
        } finally {
            stripe.lock.unlock();
        }
    }

    @Override
    public void close() {
        if (CLOSED.compareAndSet(this, false, true)) {
            if (fd >= 0) {
                Libc.close(fd);
            }
            tier.release(key, file, open);
        }
    }
}
