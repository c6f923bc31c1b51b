package io.efc.store.internal.local;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.efc.base.Errno;
import io.efc.base.Libc;
import io.efc.store.FileHandle;
import io.efc.store.FileLock;
import io.efc.store.StoreException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Byte-range locks as open file description locks (fcntl(2), F_OFD_SETLK): the kernel's, so that other programs on the machine see them.
 *
 * <p>Such a lock belongs to an open file description, a {@link FileLock} to an owner. Hence one descriptor for each file and owner, opened
 * at its first lock and closed with its last one or with the file's last open.
 */
final class Locks {
    private static final int F_OFD_GETLK = 36;
    private static final int F_OFD_SETLK = 37;
    private static final short F_RDLCK = 0;
    private static final short F_WRLCK = 1;
    private static final short F_UNLCK = 2;

    /** How often a waiter looks for locks that other processes gave back; own ones wake it at once. */
    private static final long POLL_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(50);

    private record Key(FileHandle file, long owner) {}

    private final ReentrantLock mutex = new ReentrantLock();
    private final Condition released = mutex.newCondition();
    private final Map<Key, Integer> descriptors = new HashMap<>();
    private final Map<FileHandle, Integer> opens = new HashMap<>();

    /** A file was opened once more. */
    void opened(FileHandle file) {
        mutex.lock();
        try {
            opens.merge(file, 1, Integer::sum);
        } finally {
            mutex.unlock();
        }
    }

    /** A file was closed; with the last open all its locks go. */
    void closed(FileHandle file) {
        mutex.lock();
        try {
            Integer left = opens.merge(file, -1, (a, b) -> a + b == 0 ? null : a + b);
            if (left == null
                    && descriptors.keySet().stream().anyMatch(k -> k.file().equals(file))) {
                descriptors.entrySet().removeIf(e -> {
                    boolean mine = e.getKey().file().equals(file);
                    if (mine) {
                        Libc.close(e.getValue());
                    }
                    return mine;
                });
                released.signalAll();
            }
        } finally {
            mutex.unlock();
        }
    }

    /** What stands in the way of {@code lock}, or null. {@code fd} is any descriptor of the file. */
    @Nullable
    FileLock test(FileHandle file, int fd, FileLock lock) {
        mutex.lock();
        try {
            Scratch s = Scratch.get();
            fill(s, lock, lock.exclusive() ? F_WRLCK : F_RDLCK);
            check(Libc.fcntl(descriptor(s, new Key(file, lock.owner()), fd), F_OFD_GETLK, s.flock), "F_OFD_GETLK");
            short type = s.flock.get(JAVA_SHORT, 0);
            if (type == F_UNLCK) {
                return null;
            }
            long length = s.flock.get(JAVA_LONG, 16);
            int pid = s.flock.get(JAVA_INT, 24);
            return new FileLock(
                    0,
                    s.flock.get(JAVA_LONG, 8),
                    length == 0 ? Long.MAX_VALUE : length,
                    type == F_WRLCK,
                    Math.max(0, pid));
        } finally {
            mutex.unlock();
        }
    }

    /** Takes a lock as {@link io.efc.store.UnderStore#lock} says. */
    void lock(FileHandle file, int fd, FileLock lock, boolean wait) {
        mutex.lock();
        try {
            long pause = TimeUnit.MILLISECONDS.toNanos(1);
            while (true) {
                Scratch s = Scratch.get();
                fill(s, lock, lock.exclusive() ? F_WRLCK : F_RDLCK);
                int result = Libc.fcntl(descriptor(s, new Key(file, lock.owner()), fd), F_OFD_SETLK, s.flock);
                boolean busy = result == -Errno.EAGAIN.code() || result == -Errno.EACCES.code();
                if (!busy) {
                    check(result, "F_OFD_SETLK");
                    return;
                }
                if (!wait) {
                    throw new StoreException(Errno.EAGAIN, "lock");
                }
                released.await(pause, TimeUnit.NANOSECONDS);
                pause = Math.min(2 * pause, POLL_NANOS_MAX);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Errno.EINTR, "wait for a lock");
        } finally {
            mutex.unlock();
        }
    }

    /** Gives a range back; the whole file's range closes the owner's descriptor. */
    void unlock(FileHandle file, FileLock lock) {
        mutex.lock();
        try {
            Key key = new Key(file, lock.owner());
            Integer fd = descriptors.get(key);
            if (fd == null) {
                return;
            }
            if (lock.start() == 0 && lock.length() == Long.MAX_VALUE) {
                descriptors.remove(key);
                Libc.close(fd);
            } else {
                Scratch s = Scratch.get();
                fill(s, lock, F_UNLCK);
                check(Libc.fcntl(fd, F_OFD_SETLK, s.flock), "F_OFD_SETLK");
            }
            released.signalAll();
        } finally {
            mutex.unlock();
        }
    }

    void closeAll() {
        mutex.lock();
        try {
            descriptors.values().forEach(Libc::close);
            descriptors.clear();
            opens.clear();
            released.signalAll();
        } finally {
            mutex.unlock();
        }
    }

    /** Opened with this process's own rights: the caller's were checked when the file was opened. */
    private int descriptor(Scratch s, Key key, int fd) {
        Integer known = descriptors.get(key);
        if (known != null) {
            return known;
        }
        int opened = Libc.open(s.fdPath(fd), Libc.O_RDWR | Libc.O_CLOEXEC, 0);
        if (opened == -Errno.EROFS.code()) {
            opened = Libc.open(s.fdPath(fd), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        }
        check(opened, "open for a lock");
        descriptors.put(key, opened);
        return opened;
    }

    private static void fill(Scratch s, FileLock lock, short type) {
        if (lock.start() < 0 || lock.length() <= 0) {
            throw new StoreException(Errno.EINVAL, "a lock of " + lock.length() + " bytes at " + lock.start());
        }
        boolean toTheEnd = lock.length() > Long.MAX_VALUE - lock.start();
        s.flock.fill((byte) 0);
        s.flock.set(JAVA_SHORT, 0, type);
        s.flock.set(JAVA_LONG, 8, lock.start());
        s.flock.set(JAVA_LONG, 16, toTheEnd || lock.length() == Long.MAX_VALUE ? 0 : lock.length());
    }

    private static void check(int result, String call) {
        if (result < 0) {
            throw new StoreException(Errno.ofResult(result), call);
        }
    }
}
