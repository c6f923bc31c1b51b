package io.efc.base;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The handles against the real libc: a wrong shape shows as a wrong result. */
class LibcIT {
    @TempDir
    Path directory;

    private final Arena arena = Arena.ofShared();

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void writesReadsAndMapsAFile() {
        int fd = Libc.open(path("f"), Libc.O_RDWR | Libc.O_CREAT | Libc.O_CLOEXEC, 0640);
        assertThat(fd).isNotNegative();
        MemorySegment text = arena.allocateFrom("hello", StandardCharsets.US_ASCII);
        assertThat(Libc.pwrite(fd, text, 0, 5, 8)).isEqualTo(5);
        MemorySegment back = arena.allocate(16);
        assertThat(Libc.pread(fd, back, 1, 15, 0)).isEqualTo(13);
        assertThat(back.getString(9)).isEqualTo("hello");
        assertThat(Libc.lseek(fd, 0, Libc.SEEK_END)).isEqualTo(13);

        MemorySegment map = Libc.mmap(4096, Libc.PROT_READ, Libc.MAP_SHARED, fd, 0, new int[1]);
        assertThat(map.get(JAVA_BYTE, 8)).isEqualTo((byte) 'h');
        assertThat(Libc.munmap(map.address(), 4096)).isZero();
        assertThat(Libc.close(fd)).isZero();
    }

    @Test
    void answersTheErrnoAsANegativeNumber() {
        assertThat(Errno.ofResult(Libc.open(path("none"), Libc.O_RDONLY, 0))).isSameAs(Errno.ENOENT);
        assertThat(Errno.ofResult(Libc.close(-1))).isSameAs(Errno.EBADF);
        int[] errno = new int[1];
        assertThat(Libc.mmap(4096, Libc.PROT_READ, Libc.MAP_SHARED, -1, 0, errno))
                .isEqualTo(MemorySegment.NULL);
        assertThat(Errno.of(errno[0])).isSameAs(Errno.EBADF);
    }

    @Test
    void refusesARangeOutsideTheSegmentBeforeLibcSeesIt() {
        MemorySegment eight = arena.allocate(8);
        assertThatThrownBy(() -> Libc.read(0, eight, 4, 5)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> Libc.open(MemorySegment.ofArray(new byte[8]), 0, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void passesDataThroughASocketPair() {
        MemorySegment pair = arena.allocate(8);
        assertThat(Sockets.socketpair(Sockets.AF_UNIX, Sockets.SOCK_STREAM | Sockets.SOCK_CLOEXEC, 0, pair))
                .isZero();
        int a = pair.get(JAVA_INT, 0);
        int b = pair.get(JAVA_INT, 4);
        MemorySegment text = arena.allocateFrom("ping");
        assertThat(Sockets.send(a, text, 0, 5, Sockets.MSG_NOSIGNAL)).isEqualTo(5);
        MemorySegment back = arena.allocate(16);
        assertThat(Sockets.recv(b, back, 0, 16, 0)).isEqualTo(5);
        assertThat(back.getString(0)).isEqualTo("ping");
        assertThat(Sockets.setTimeout(b, Sockets.SO_RCVTIMEO, 20)).isZero();
        assertThat(Errno.ofResult(Sockets.recv(b, back, 0, 16, 0))).isSameAs(Errno.EAGAIN);
        Libc.close(a);
        assertThat(Sockets.recv(b, back, 0, 16, 0)).isZero();
        Libc.close(b);
    }

    @Test
    void statsByStatx() {
        int fd = Libc.open(path("s"), Libc.O_RDWR | Libc.O_CREAT, 0604);
        assertThat(Libc.ftruncate(fd, 1L << 33)).isZero();
        MemorySegment stat = arena.allocate(FileCalls.STATX_SIZE, 8);
        assertThat(FileCalls.statx(fd, path(""), FileCalls.AT_EMPTY_PATH, FileCalls.STATX_BASIC, stat))
                .isNegative();
        assertThat(FileCalls.statx(fd, arena.allocateFrom(""), FileCalls.AT_EMPTY_PATH, FileCalls.STATX_BASIC, stat))
                .isZero();
        assertThat(stat.get(java.lang.foreign.ValueLayout.JAVA_LONG, 40)).isEqualTo(1L << 33);
        Libc.close(fd);
    }

    private MemorySegment path(String name) {
        return arena.allocateFrom(directory.resolve(name).toString() + (name.isEmpty() ? "/absent" : ""));
    }
}
