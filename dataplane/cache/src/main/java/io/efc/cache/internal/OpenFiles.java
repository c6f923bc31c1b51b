package io.efc.cache.internal;

import io.efc.base.Libc;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors of large files that a tier keeps open: at most so many, the place of an unused one is reused. Its
 * lock is the last in the lock order.
 */
final class OpenFiles {
    private final TierDirectory directory;
    private final FileTable files;
    private final @Nullable OpenFile[] open;
    private final ReentrantLock lock = new ReentrantLock();
    private int hand;

    OpenFiles(TierDirectory directory, FileTable files, int max) {
        this.directory = directory;
        this.files = files;
        this.open = new OpenFile[max];
    }

    /**
     * The file's descriptor with the caller as a user, opened or made if needed; null if it cannot be, or all places
     * are in use. Under the stripe's lock.
     */
    @Nullable
    OpenFile enter(int file) {
        long sequence = files.sequence(file);
        OpenFile known = peek(file, sequence);
        if (known != null && known.enter()) {
            return known;
        }
        int fd = directory.openFile(TierDirectory.name(sequence), true);
        if (fd < 0) {
            return null;
        }
        if (Libc.ftruncate(fd, files.size(file)) < 0 || !place(file, new OpenFile(sequence, fd, files.size(file)))) {
            Libc.close(fd);
            return null;
        }
        return peek(file, sequence);
    }

    private boolean place(int file, OpenFile opened) {
        OpenFile old;
        lock.lock();
        try {
            int at = place();
            if (at < 0) {
                return false;
            }
            old = open[at];
            open[at] = opened;
            files.openIndex(file, at);
        } finally {
            lock.unlock();
        }
        if (old != null) {
            old.close();
        }
        return true;
    }

    /** The file's descriptor if it is open, without entering it; under the stripe's lock. */
    @Nullable
    OpenFile peek(int file, long sequence) {
        OpenFile known = open[files.openIndex(file)];
        return known != null && known.sequence == sequence ? known : null;
    }

    /** A place that is empty or whose file has just been retired; -1 if all are in use. */
    private int place() {
        for (int i = 0; i < open.length; i++) {
            int at = hand;
            hand = (hand + 1) % open.length;
            OpenFile candidate = open[at];
            if (candidate == null || candidate.retire()) {
                return at;
            }
        }
        return -1;
    }

    /** Takes a retired file out of its place. */
    void forget(int file, OpenFile retired) {
        lock.lock();
        try {
            int at = files.openIndex(file);
            if (open[at] == retired) {
                open[at] = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Closes what nobody uses; what is in use is closed by its last user. */
    void close() {
        lock.lock();
        try {
            for (int i = 0; i < open.length; i++) {
                OpenFile file = open[i];
                if (file != null && file.retire()) {
                    file.close();
                }
                open[i] = null;
            }
        } finally {
            lock.unlock();
        }
    }
}
