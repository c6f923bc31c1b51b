package io.efc.testing.posix;

import static io.efc.testing.posix.Calls.F_RDLCK;
import static io.efc.testing.posix.Calls.F_SETLK;
import static io.efc.testing.posix.Calls.F_UNLCK;
import static io.efc.testing.posix.Calls.F_WRLCK;
import static io.efc.testing.posix.Calls.LOCK_EX;
import static io.efc.testing.posix.Calls.LOCK_NB;
import static io.efc.testing.posix.Calls.LOCK_SH;
import static io.efc.testing.posix.Calls.LOCK_UN;

import io.efc.base.Errno;
import io.efc.base.Libc;
import java.time.Duration;

/** Record locks of fcntl(2) and whole-file locks of flock(2), between processes. */
final class LockRules {
    /** Who finds circles has done so by then, though it asks another machine. */
    private static final Duration DETECTION = Duration.ofSeconds(1);

    private LockRules() {}

    static void addTo(Suite s) {
        s.group("lock");
        conflicts(s);
        releases(s);
        waiting(s);
        openFile(s);
        whole(s);
    }

    private static void conflicts(Suite s) {
        s.rule("a write lock keeps others out: EAGAIN or EACCES", Capability.RECORD_LOCKS, t -> {
            long fd = t.create("f");
            Neighbour other = t.neighbour();
            long theirs = t.ok(other.open("f", Libc.O_RDWR));
            t.ok(t.lock(fd, F_SETLK, F_WRLCK, 0, 0));
            t.errno(other.lock(theirs, F_SETLK, F_WRLCK, 0, 0), Errno.EAGAIN, Errno.EACCES);
            t.errno(other.lock(theirs, F_SETLK, F_RDLCK, 0, 0), Errno.EAGAIN, Errno.EACCES);
            t.equal(F_WRLCK, other.getlk(theirs, F_RDLCK, 0, 0), "type of the lock in the way");
        });
        s.rule("read locks go together, a write lock does not join them", Capability.RECORD_LOCKS, t -> {
            long fd = t.create("f");
            Neighbour other = t.neighbour();
            long theirs = t.ok(other.open("f", Libc.O_RDWR));
            t.ok(t.lock(fd, F_SETLK, F_RDLCK, 0, 0));
            t.ok(other.lock(theirs, F_SETLK, F_RDLCK, 0, 0));
            t.errno(t.lock(fd, F_SETLK, F_WRLCK, 0, 0), Errno.EAGAIN, Errno.EACCES);
            t.equal(F_RDLCK, t.getlk(fd, F_WRLCK, 0, 0), "type of the lock in the way");
        });
        s.rule("ranges that do not touch do not conflict", Capability.RECORD_LOCKS, t -> {
            long fd = t.create("f");
            Neighbour other = t.neighbour();
            long theirs = t.ok(other.open("f", Libc.O_RDWR));
            t.ok(t.lock(fd, F_SETLK, F_WRLCK, 0, 10));
            t.ok(other.lock(theirs, F_SETLK, F_WRLCK, 10, 10));
            t.errno(other.lock(theirs, F_SETLK, F_WRLCK, 9, 1), Errno.EAGAIN, Errno.EACCES);
            t.errno(t.lock(fd, F_SETLK, F_WRLCK, 19, 100), Errno.EAGAIN, Errno.EACCES);
            t.ok(t.lock(fd, F_SETLK, F_WRLCK, 20, 0));
        });
        s.rule("a process's own locks never conflict; the later one counts", Capability.RECORD_LOCKS, t -> {
            long fd = t.create("f");
            long again = t.ok(t.open("f", Libc.O_RDWR));
            Neighbour other = t.neighbour();
            long theirs = t.ok(other.open("f", Libc.O_RDWR));
            t.ok(t.lock(fd, F_SETLK, F_WRLCK, 0, 0));
            t.ok(t.lock(again, F_SETLK, F_RDLCK, 0, 0));
            t.ok(other.lock(theirs, F_SETLK, F_RDLCK, 0, 0));
            t.errno(other.lock(theirs, F_SETLK, F_WRLCK, 0, 0), Errno.EAGAIN, Errno.EACCES);
        });
        s.rule("unlocking the middle leaves both ends", Capability.RECORD_LOCKS, t -> {
            long fd = t.create("f");
            Neighbour other = t.neighbour();
            long theirs = t.ok(other.open("f", Libc.O_RDWR));
            t.ok(t.lock(fd, F_SETLK, F_WRLCK, 0, 30));
            t.ok(t.lock(fd, F_SETLK, F_UNLCK, 10, 10));
            t.ok(other.lock(theirs, F_SETLK, F_WRLCK, 10, 10));
            t.errno(other.lock(theirs, F_SETLK, F_WRLCK, 0, 10), Errno.EAGAIN, Errno.EACCES);
            t.errno(other.lock(theirs, F_SETLK, F_WRLCK, 20, 10), Errno.EAGAIN, Errno.EACCES);
        });
        s.rule("a lock needs a descriptor with its access mode: EBADF", Capability.RECORD_LOCKS, t -> {
            t.file("f", "");
            t.errno(t.lock(t.ok(t.open("f", Libc.O_RDONLY)), F_SETLK, F_WRLCK, 0, 0), Errno.EBADF);
            t.errno(t.lock(t.ok(t.open("f", Libc.O_WRONLY)), F_SETLK, F_RDLCK, 0, 0), Errno.EBADF);
        });
        s.rule("an impossible type or range is EINVAL", Capability.RECORD_LOCKS, t -> {
            long fd = t.create("f");
            t.errno(t.lock(fd, F_SETLK, 77, 0, 0), Errno.EINVAL);
            t.errno(t.lock(fd, F_SETLK, F_WRLCK, -10, 5), Errno.EINVAL);
        });
        s.rule("GETLK finds nothing in the way: F_UNLCK", Capability.RECORD_LOCKS, t -> {
            long fd = t.create("f");
            t.ok(t.lock(fd, F_SETLK, F_WRLCK, 0, 0));
            t.equal(F_UNLCK, t.getlk(fd, F_WRLCK, 0, 0), "type");
        });
        s.rule("locks are advisory: reading and writing go on", Capability.RECORD_LOCKS, t -> {
            t.file("f", "data");
            Neighbour other = t.neighbour();
            t.ok(other.lock(t.ok(other.open("f", Libc.O_RDWR)), F_SETLK, F_WRLCK, 0, 0));
            t.content("f", "data");
            t.ok(t.write(t.ok(t.open("f", Libc.O_WRONLY)), "DATA"));
            t.content("f", "DATA");
        });
    }

    private static void releases(Suite s) {
        s.rule("closing any descriptor of the file releases the process's locks", Capability.RECORD_LOCKS, t -> {
            long fd = t.create("f");
            Neighbour other = t.neighbour();
            long theirs = t.ok(other.open("f", Libc.O_RDWR));
            t.ok(t.lock(fd, F_SETLK, F_WRLCK, 0, 0));
            t.ok(t.close(t.ok(t.open("f", Libc.O_RDONLY))));
            t.ok(other.lock(theirs, F_SETLK, F_WRLCK, 0, 0));
        });
        s.rule("a killed process's locks are released", Capability.RECORD_LOCKS, t -> {
            long fd = t.create("f");
            Neighbour other = t.neighbour();
            t.ok(other.lock(t.ok(other.open("f", Libc.O_RDWR)), F_SETLK, F_WRLCK, 0, 0));
            t.errno(t.lock(fd, F_SETLK, F_WRLCK, 0, 0), Errno.EAGAIN, Errno.EACCES);
            other.kill();
            long result = t.lock(fd, F_SETLK, F_WRLCK, 0, 0);
            for (int i = 0; i < 200 && result < 0; i++) {
                t.tick();
                result = t.lock(fd, F_SETLK, F_WRLCK, 0, 0);
            }
            t.ok(result);
        });
        s.rule("unlocking lets the other in", Capability.RECORD_LOCKS, t -> {
            long fd = t.create("f");
            Neighbour other = t.neighbour();
            long theirs = t.ok(other.open("f", Libc.O_RDWR));
            for (int i = 0; i < 10; i++) {
                t.ok(t.lock(fd, F_SETLK, F_WRLCK, 0, 0));
                t.errno(other.lock(theirs, F_SETLK, F_WRLCK, 0, 0), Errno.EAGAIN, Errno.EACCES);
                t.ok(t.lock(fd, F_SETLK, F_UNLCK, 0, 0));
                t.ok(other.lock(theirs, F_SETLK, F_WRLCK, 0, 0));
                t.ok(other.lock(theirs, F_SETLK, F_UNLCK, 0, 0));
            }
        });
    }

    private static void waiting(Suite s) {
        s.rule("SETLKW waits until the lock is free", Capability.RECORD_LOCKS, t -> {
            long fd = t.create("f");
            Neighbour other = t.neighbour();
            long theirs = t.ok(other.open("f", Libc.O_RDWR));
            t.ok(t.lock(fd, F_SETLK, F_WRLCK, 0, 0));
            Neighbour.Waiting wait = other.lockLater(theirs, F_WRLCK, 0, 0);
            t.check(wait.sleeps(), "SETLKW did not wait");
            t.tick();
            t.check(!wait.isDone(), "SETLKW ended while the lock was held");
            t.ok(t.lock(fd, F_SETLK, F_UNLCK, 0, 0));
            t.equal(0, wait.result(), "result of SETLKW");
            t.errno(t.lock(fd, F_SETLK, F_WRLCK, 0, 0), Errno.EAGAIN, Errno.EACCES);
        });
        s.rule("SETLKW is ended by a signal: EINTR, and takes nothing", Capability.RECORD_LOCKS, t -> {
            long fd = t.create("f");
            Neighbour other = t.neighbour();
            long theirs = t.ok(other.open("f", Libc.O_RDWR));
            t.ok(t.lock(fd, F_SETLK, F_WRLCK, 0, 0));
            Neighbour.Waiting wait = other.lockLater(theirs, F_WRLCK, 0, 0);
            t.check(wait.sleeps(), "SETLKW did not wait");
            wait.signal();
            t.errno(wait.result(), Errno.EINTR);
            t.ok(t.lock(fd, F_SETLK, F_UNLCK, 0, 0));
            t.ok(t.lock(fd, F_SETLK, F_WRLCK, 0, 0));
        });
        s.rule("a circle of waiters is EDEADLK", Capability.RECORD_LOCKS, t -> {
            t.file("f", "");
            Neighbour a = t.neighbour();
            Neighbour b = t.neighbour();
            long fdA = t.ok(a.open("f", Libc.O_RDWR));
            long fdB = t.ok(b.open("f", Libc.O_RDWR));
            t.ok(a.lock(fdA, F_SETLK, F_WRLCK, 0, 1));
            t.ok(b.lock(fdB, F_SETLK, F_WRLCK, 1, 1));
            Neighbour.Waiting first = a.lockLater(fdA, F_WRLCK, 1, 1);
            t.check(first.sleeps(), "SETLKW did not wait");
            Neighbour.Waiting second = b.lockLater(fdB, F_WRLCK, 0, 1);
            if (second.sleeps() && !second.endsWithin(DETECTION)) {
                second.signal();
                t.errno(second.result(), Errno.EINTR);
                throw t.lacks(Capability.DEADLOCK_DETECTION);
            }
            t.errno(second.result(), Errno.EDEADLK);
            t.ok(b.lock(fdB, F_SETLK, F_UNLCK, 0, 0));
            t.equal(0, first.result(), "result of the first waiter");
        });
    }

    private static void openFile(Suite s) {
        s.rule("open-file locks conflict inside a process and outlive other closes", Capability.RECORD_LOCKS, t -> {
            long fd = t.create("f");
            long other = t.ok(t.open("f", Libc.O_RDWR));
            t.ok(t.lock(fd, Calls.F_OFD_SETLK, F_WRLCK, 0, 0));
            t.errno(t.lock(other, Calls.F_OFD_SETLK, F_WRLCK, 0, 0), Errno.EAGAIN, Errno.EACCES);
            t.ok(t.close(t.ok(t.open("f", Libc.O_RDONLY))));
            t.errno(t.lock(other, Calls.F_OFD_SETLK, F_WRLCK, 0, 0), Errno.EAGAIN, Errno.EACCES);
            t.ok(t.close(fd));
            t.ok(t.lock(other, Calls.F_OFD_SETLK, F_WRLCK, 0, 0));
        });
    }

    private static void whole(Suite s) {
        s.rule("flock: exclusive keeps others out, shared goes together", Capability.FLOCK, t -> {
            long fd = t.create("f");
            Neighbour other = t.neighbour();
            long theirs = t.ok(other.open("f", Libc.O_RDWR));
            t.ok(t.flock(fd, LOCK_EX | LOCK_NB));
            t.errno(other.flock(theirs, LOCK_EX | LOCK_NB), Errno.EAGAIN);
            t.errno(other.flock(theirs, LOCK_SH | LOCK_NB), Errno.EAGAIN);
            t.ok(t.flock(fd, LOCK_SH | LOCK_NB));
            t.ok(other.flock(theirs, LOCK_SH | LOCK_NB));
            t.errno(t.flock(fd, LOCK_EX | LOCK_NB), Errno.EAGAIN);
        });
        s.rule("flock belongs to the open file: a second open of one process conflicts", Capability.FLOCK, t -> {
            long fd = t.create("f");
            long again = t.ok(t.open("f", Libc.O_RDWR));
            t.ok(t.flock(fd, LOCK_EX | LOCK_NB));
            t.errno(t.flock(again, LOCK_EX | LOCK_NB), Errno.EAGAIN);
            long copy = t.ok(t.dup(fd));
            t.ok(t.flock(copy, LOCK_EX | LOCK_NB));
            t.ok(t.close(fd));
            t.errno(t.flock(again, LOCK_EX | LOCK_NB), Errno.EAGAIN);
            t.ok(t.close(copy));
            t.ok(t.flock(again, LOCK_EX | LOCK_NB));
        });
        s.rule("flock waits until the lock is free", Capability.FLOCK, t -> {
            long fd = t.create("f");
            Neighbour other = t.neighbour();
            long theirs = t.ok(other.open("f", Libc.O_RDWR));
            t.ok(t.flock(fd, LOCK_EX));
            Neighbour.Waiting wait = other.flockLater(theirs, LOCK_EX);
            t.check(wait.sleeps(), "flock did not wait");
            t.ok(t.flock(fd, LOCK_UN));
            t.equal(0, wait.result(), "result of flock");
        });
        s.rule("a waiting flock is ended by a signal: EINTR", Capability.FLOCK, t -> {
            long fd = t.create("f");
            Neighbour other = t.neighbour();
            long theirs = t.ok(other.open("f", Libc.O_RDWR));
            t.ok(t.flock(fd, LOCK_EX));
            Neighbour.Waiting wait = other.flockLater(theirs, LOCK_EX);
            t.check(wait.sleeps(), "flock did not wait");
            wait.signal();
            t.errno(wait.result(), Errno.EINTR);
        });
        s.rule("flock of a killed process is released", Capability.FLOCK, t -> {
            long fd = t.create("f");
            Neighbour other = t.neighbour();
            t.ok(other.flock(t.ok(other.open("f", Libc.O_RDWR)), LOCK_EX));
            t.errno(t.flock(fd, LOCK_EX | LOCK_NB), Errno.EAGAIN);
            other.kill();
            long result = t.flock(fd, LOCK_EX | LOCK_NB);
            for (int i = 0; i < 200 && result < 0; i++) {
                t.tick();
                result = t.flock(fd, LOCK_EX | LOCK_NB);
            }
            t.ok(result);
        });
        s.rule("flock needs no access mode", Capability.FLOCK, t -> {
            t.file("f", "");
            t.ok(t.flock(t.ok(t.open("f", Libc.O_RDONLY)), LOCK_EX | LOCK_NB));
        });
        s.rule("flock with a strange operation is EINVAL", Capability.FLOCK, t -> {
            t.errno(t.flock(t.create("f"), 0), Errno.EINVAL);
        });
    }
}
