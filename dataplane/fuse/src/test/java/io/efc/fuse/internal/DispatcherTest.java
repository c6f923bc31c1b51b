package io.efc.fuse.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.efc.base.Errno;
import io.efc.fuse.DataReply;
import io.efc.fuse.FuseNegotiated;
import io.efc.fuse.FuseOpcode;
import io.efc.fuse.FuseRequest;
import io.efc.fuse.MemoryFileSystem;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DispatcherTest {
    private static final long ROOT = 1;
    private static final int F_WRLCK = 1;

    private final MemoryFileSystem fs = new MemoryFileSystem();
    private final Kernel kernel = new Kernel(fs);

    private Message.Reply create(String name) {
        Message.Reply r = kernel.call(Message.of(FuseOpcode.CREATE, 2, ROOT)
                .u32(0x42)
                .u32(0100640)
                .u32(022)
                .u32(0)
                .name(name));
        assertThat(r.errno()).isZero();
        return r;
    }

    private Message.Reply write(long node, long offset, byte[] data) {
        return kernel.call(Message.of(FuseOpcode.WRITE, 4, node)
                .u64(node)
                .u64(offset)
                .u32(data.length)
                .u32(0)
                .u64(0)
                .u32(0)
                .u32(0)
                .bytes(data));
    }

    private Message.Reply read(long node, long offset, int size) {
        return kernel.call(Message.of(FuseOpcode.READ, 6, node)
                .u64(node)
                .u64(offset)
                .u32(size)
                .u32(0)
                .u64(0)
                .u32(0)
                .u32(0));
    }

    @Test
    void createsWritesAndReadsAFile() {
        Message.Reply created = create("a");
        long node = created.u64(0);
        assertThat(created.length()).isEqualTo(16 + 128 + 16);
        assertThat(created.u64(128)).as("fh").isEqualTo(node);
        assertThat(created.u32(40 + 60)).as("mode").isEqualTo(0100640);
        assertThat(created.u32(40 + 68)).as("uid").isEqualTo(1000);
        assertThat(created.u32(40 + 72)).as("gid").isEqualTo(1001);

        Message.Reply written = write(node, 0, "hello".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(written.errno()).isZero();
        assertThat(written.length()).isEqualTo(16 + 8);
        assertThat(written.u32(0)).isEqualTo(5);

        Message.Reply read = read(node, 1, 100);
        assertThat(read.length()).isEqualTo(16 + 4);
        assertThat(read.text(0, 4)).isEqualTo("ello");
        assertThat(read.unique()).isEqualTo(6);
    }

    @Test
    void answersALookupWithTheErrnoAlone() {
        Message.Reply r = kernel.call(Message.of(FuseOpcode.LOOKUP, 10, ROOT).name("absent"));
        assertThat(r.errno()).isEqualTo(Errno.ENOENT.code());
        assertThat(r.length()).isEqualTo(16);
        assertThat(kernel.count("efc_fuse_errors_total", FuseOpcode.LOOKUP)).isEqualTo(1);
        assertThat(kernel.count("efc_fuse_requests_total", FuseOpcode.LOOKUP)).isEqualTo(1);
    }

    @Test
    void carriesTheResentBitBackAndHidesItFromTheFileSystem() {
        long raw = 1L << 63 | 12;
        Message.Reply r = kernel.call(Message.of(FuseOpcode.LOOKUP, raw, ROOT).name("absent"));
        assertThat(r.unique()).isEqualTo(raw);
        assertThat(fs.lastUnique).isEqualTo(12);
        assertThat(fs.lastResent).isTrue();
        kernel.call(Message.of(FuseOpcode.LOOKUP, 14, ROOT).name("absent"));
        assertThat(fs.lastResent).isFalse();
    }

    @Test
    void forgetsWithoutAReply() {
        long node = create("a").u64(0);
        kernel.send(Message.of(FuseOpcode.FORGET, 8, node).u64(1).build());
        kernel.send(Message.of(FuseOpcode.BATCH_FORGET, 10, 0)
                .u32(2)
                .u32(0)
                .u64(node)
                .u64(5)
                .u64(node)
                .u64(7)
                .build());
        assertThat(kernel.hasReply()).isFalse();
        assertThat(fs.forgotten()).isEqualTo(13);
    }

    @Test
    void refusesABatchForgetThatCountsMoreThanItCarries() {
        kernel.send(Message.of(FuseOpcode.BATCH_FORGET, 10, 0)
                .u32(-1)
                .u32(0)
                .u64(1)
                .u64(5)
                .build());
        assertThat(kernel.hasReply()).isFalse();
        assertThat(fs.forgotten()).isZero();
    }

    @Test
    void answersEnosysForWhatNobodyImplements() {
        for (int opcode : new int[] {0, 7, 39, 40, 54, 4096, -1, Integer.MIN_VALUE}) {
            assertThat(kernel.call(Message.of(opcode, 2, ROOT)).errno())
                    .as("opcode %d", opcode)
                    .isEqualTo(Errno.ENOSYS.code());
        }
        Set<FuseOpcode> few = EnumSet.of(FuseOpcode.LOOKUP);
        Kernel small = new Kernel(new MemoryFileSystem() {
            @Override
            public Set<FuseOpcode> operations() {
                return few;
            }
        });
        assertThat(small.call(Message.of(FuseOpcode.OPEN, 2, ROOT).u32(0).u32(0))
                        .errno())
                .isEqualTo(Errno.ENOSYS.code());
    }

    @Test
    void refusesContradictingLengths() {
        byte[] message = Message.of(FuseOpcode.LOOKUP, 2, ROOT).name("absent").build();
        message[0]++;
        assertThat(kernel.call(message).errno()).isEqualTo(Errno.EINVAL.code());

        byte[] shorter = Message.of(FuseOpcode.GETATTR, 2, ROOT).u64(0).build();
        assertThat(kernel.call(shorter).errno()).isEqualTo(Errno.EINVAL.code());

        byte[] extension = Message.of(FuseOpcode.GETATTR, 2, ROOT).u64(0).u64(0).build();
        extension[36] = 3;
        assertThat(kernel.call(extension).errno()).as("total_extlen").isEqualTo(Errno.EINVAL.code());

        kernel.send(new byte[39]);
        assertThat(kernel.hasReply()).isFalse();
    }

    @Test
    void refusesUnterminatedEmptyAndOverlongNames() {
        byte[] unterminated = Message.of(FuseOpcode.LOOKUP, 2, ROOT)
                .bytes(new byte[] {'a', 'b'})
                .build();
        assertThat(kernel.call(unterminated).errno()).isEqualTo(Errno.EINVAL.code());
        assertThat(kernel.call(Message.of(FuseOpcode.LOOKUP, 2, ROOT).name("")).errno())
                .isEqualTo(Errno.EINVAL.code());
        assertThat(kernel.call(Message.of(FuseOpcode.LOOKUP, 2, ROOT)).errno()).isEqualTo(Errno.EINVAL.code());
        assertThat(kernel.call(Message.of(FuseOpcode.LOOKUP, 2, ROOT).name("n".repeat(256)))
                        .errno())
                .isEqualTo(Errno.ENAMETOOLONG.code());
        assertThat(kernel.call(Message.of(FuseOpcode.LOOKUP, 2, ROOT).name("n".repeat(255)))
                        .errno())
                .isEqualTo(Errno.ENOENT.code());
        assertThat(kernel.call(Message.of(FuseOpcode.RENAME, 2, ROOT).u64(ROOT).name("only-one"))
                        .errno())
                .isEqualTo(Errno.EINVAL.code());
    }

    @Test
    void refusesAWriteThatClaimsMoreThanItCarries() {
        long node = create("a").u64(0);
        for (int claimed : new int[] {6, Integer.MAX_VALUE, -1}) {
            Message.Reply r = kernel.call(Message.of(FuseOpcode.WRITE, 4, node)
                    .u64(node)
                    .u64(0)
                    .u32(claimed)
                    .u32(0)
                    .u64(0)
                    .u32(0)
                    .u32(0)
                    .bytes(new byte[5]));
            assertThat(r.errno()).isEqualTo(Errno.EINVAL.code());
        }
        assertThat(read(node, 0, -1).errno()).isEqualTo(Errno.EINVAL.code());
        assertThat(read(node, 0, Integer.MAX_VALUE).errno()).isEqualTo(Errno.EINVAL.code());
    }

    @Test
    void skipsExtensionsAtTheEnd() {
        Message.Reply r = kernel.call(Message.of(FuseOpcode.MKDIR, 2, ROOT)
                .u32(0755)
                .u32(022)
                .name("seven..")
                .extension(16, 1, 1)
                .extension(8, 2, 0));
        assertThat(r.errno()).isZero();
        assertThat(r.u64(0)).isNotZero();
        Message.Reply broken = kernel.call(Message.of(FuseOpcode.MKDIR, 2, ROOT)
                .u32(0755)
                .u32(022)
                .name("seven..")
                .extension(4, 1, 1));
        assertThat(broken.errno()).isEqualTo(Errno.EINVAL.code());
    }

    @Test
    void listsADirectoryInPieces() {
        for (String name : new String[] {"a", "bb", "ccc", "dddddddd"}) {
            create(name);
        }
        StringBuilder seen = new StringBuilder();
        long cookie = 0;
        while (true) {
            Message.Reply r = kernel.call(Message.of(FuseOpcode.READDIR, 2, ROOT)
                    .u64(ROOT)
                    .u64(cookie)
                    .u32(70)
                    .u32(0)
                    .u64(0)
                    .u64(0));
            assertThat(r.errno()).isZero();
            assertThat(r.length()).isLessThanOrEqualTo(16 + 70);
            if (r.length() == 16) {
                break;
            }
            for (int at = 0; at < r.length() - 16; ) {
                int length = r.u32(at + 16);
                seen.append(r.text(at + 24, length)).append(' ');
                cookie = r.u64(at + 8);
                at += 24 + (length + 7 & ~7);
            }
        }
        assertThat(seen.toString()).isEqualTo(". .. a bb ccc dddddddd ");
    }

    @Test
    void listsADirectoryWithAttributes() {
        long node = create("file").u64(0);
        Message.Reply r = kernel.call(Message.of(FuseOpcode.READDIRPLUS, 2, ROOT)
                .u64(ROOT)
                .u64(0)
                .u32(4096)
                .u32(0)
                .u64(0)
                .u64(0));
        int third = 2 * (128 + 32);
        assertThat(r.length()).isEqualTo(16 + 3 * (128 + 32));
        assertThat(r.u64(0)).as("node id of .").isZero();
        assertThat(r.u64(third)).isEqualTo(node);
        assertThat(r.u64(third + 128)).as("ino").isEqualTo(node);
        assertThat(r.u32(third + 128 + 20)).as("type").isEqualTo(8);
        assertThat(r.text(third + 128 + 24, 4)).isEqualTo("file");
        assertThat(r.u32(third + 128 + 28)).as("padding").isZero();
    }

    @Test
    void answersExtendedAttributesWithSizeThenValue() {
        long node = create("a").u64(0);
        byte[] value = {1, 2, 3};
        assertThat(kernel.call(Message.of(FuseOpcode.SETXATTR, 2, node)
                                .u32(3)
                                .u32(0)
                                .u32(0)
                                .u32(0)
                                .name("user.x")
                                .bytes(value))
                        .errno())
                .isZero();
        Message.Reply size = kernel.call(
                Message.of(FuseOpcode.GETXATTR, 2, node).u32(0).u32(0).name("user.x"));
        assertThat(size.length()).isEqualTo(24);
        assertThat(size.u32(0)).isEqualTo(3);
        Message.Reply bytes = kernel.call(
                Message.of(FuseOpcode.GETXATTR, 2, node).u32(3).u32(0).name("user.x"));
        assertThat(bytes.text(0, 3)).isEqualTo("\1\2\3");
        assertThat(kernel.call(Message.of(FuseOpcode.GETXATTR, 2, node)
                                .u32(2)
                                .u32(0)
                                .name("user.x"))
                        .errno())
                .isEqualTo(Errno.ERANGE.code());
        assertThat(kernel.call(Message.of(FuseOpcode.LISTXATTR, 2, node)
                                .u32(100)
                                .u32(0))
                        .text(0, 7))
                .isEqualTo("user.x\0");
        assertThat(kernel.call(Message.of(FuseOpcode.SETXATTR, 2, node)
                                .u32(4)
                                .u32(0)
                                .u32(0)
                                .u32(0)
                                .name("user.x")
                                .bytes(value))
                        .errno())
                .as("more than the message has")
                .isEqualTo(Errno.EINVAL.code());
    }

    @Test
    void readsTheShortSetxattrIfTheLongOneWasNotNegotiated() {
        Kernel old = new Kernel(fs, new FuseNegotiated(31, 0, 1 << 20, 1 << 17, 256, 64));
        long node = create("a").u64(0);
        Message.Reply r = old.call(Message.of(FuseOpcode.SETXATTR, 2, node)
                .u32(1)
                .u32(0)
                .name("user.y")
                .bytes(new byte[] {9}));
        assertThat(r.errno()).isZero();
        assertThat(fs.xattr(node, "user.y")).containsExactly(9);
    }

    @Test
    void answersEioWhenTheFileSystemThrows() {
        Kernel broken = new Kernel(new MemoryFileSystem() {
            @Override
            public synchronized Errno read(
                    FuseRequest request, long nodeId, long fh, long offset, int size, DataReply reply) {
                reply.length(size + 1);
                return Errno.OK;
            }
        });
        Message.Reply r = broken.call(Message.of(FuseOpcode.READ, 6, ROOT)
                .u64(0)
                .u64(0)
                .u32(10)
                .u32(0)
                .u64(0)
                .u64(0));
        assertThat(r.errno()).isEqualTo(Errno.EIO.code());
        assertThat(r.length()).isEqualTo(16);
    }

    @Test
    void writesPiecesInOrderAndReleasesThemAfterwards() {
        AtomicInteger released = new AtomicInteger();
        MemorySegment piece = Arena.global().allocateFrom("0123456789");
        Kernel pieces = new Kernel(new MemoryFileSystem() {
            @Override
            public synchronized Errno read(
                    FuseRequest request, long nodeId, long fh, long offset, int size, DataReply reply) {
                reply.onWritten(released::incrementAndGet);
                if (offset == 1) {
                    return Errno.EIO;
                }
                reply.add(piece, 2, 3);
                reply.add(piece, 0, 0);
                reply.add(piece, 7, 2);
                return Errno.OK;
            }
        });
        Message.Reply r = pieces.call(Message.of(FuseOpcode.READ, 6, ROOT)
                .u64(0)
                .u64(0)
                .u32(10)
                .u32(0)
                .u64(0)
                .u64(0));
        assertThat(r.length()).isEqualTo(16 + 5);
        assertThat(r.text(0, 5)).isEqualTo("23478");
        assertThat(released).hasValue(1);
        r = pieces.call(Message.of(FuseOpcode.READ, 6, ROOT)
                .u64(0)
                .u64(1)
                .u32(10)
                .u32(0)
                .u64(0)
                .u64(0));
        assertThat(r.errno()).isEqualTo(Errno.EIO.code());
        assertThat(released).as("also after an error").hasValue(2);
    }

    @Test
    void releasesPiecesWhenTheRequestIsGone() {
        AtomicInteger released = new AtomicInteger();
        Kernel k = new Kernel(new MemoryFileSystem() {
            @Override
            public synchronized Errno read(
                    FuseRequest request, long nodeId, long fh, long offset, int size, DataReply reply) {
                reply.onWritten(released::incrementAndGet);
                reply.length(0);
                return Errno.OK;
            }
        });
        k.device.refuse = bytes -> Errno.ENOENT;
        k.send(Message.of(FuseOpcode.READ, 6, ROOT)
                .u64(0)
                .u64(0)
                .u32(10)
                .u32(0)
                .u64(0)
                .u64(0)
                .build());
        assertThat(released).hasValue(1);
    }

    @Test
    void answersEioWhenTheKernelRefusesAReply() {
        kernel.device.refuse = bytes -> bytes.length > 16 ? Errno.EINVAL : Errno.OK;
        Message.Reply r =
                kernel.call(Message.of(FuseOpcode.GETATTR, 2, ROOT).u64(0).u64(0));
        assertThat(r.errno()).isEqualTo(Errno.EIO.code());
    }

    @Test
    void answersEagainToAnInterruptOfAnUnknownRequest() {
        Message.Reply r = kernel.call(Message.of(FuseOpcode.INTERRUPT, 7, 0).u64(6));
        assertThat(r.errno()).isEqualTo(Errno.EAGAIN.code());
        assertThat(r.unique()).isEqualTo(7);
    }

    @Test
    void interruptsALockWaitAndNothingElse() throws InterruptedException {
        long node = create("a").u64(0);
        assertThat(kernel.call(lock(FuseOpcode.SETLK, 20, node, 1, F_WRLCK)).errno())
                .isZero();
        kernel.send(lock(FuseOpcode.SETLKW, 22, node, 2, F_WRLCK).build());
        fs.awaitLockWaiter(node);
        kernel.send(lock(FuseOpcode.SETLKW, 24, node, 3, F_WRLCK).build());
        assertThat(kernel.hasReply()).isFalse();
        kernel.send(Message.of(FuseOpcode.INTERRUPT, 23, 0).u64(22).build());
        Message.Reply interrupted = kernel.reply();
        assertThat(interrupted.unique()).isEqualTo(22);
        assertThat(interrupted.errno()).isEqualTo(Errno.EINTR.code());
        assertThat(kernel.hasReply()).as("owner 3 still waits").isFalse();
        kernel.send(lock(FuseOpcode.SETLK, 26, node, 1, 2).build());
        assertThat(new long[] {kernel.reply().unique(), kernel.reply().unique()})
                .containsExactlyInAnyOrder(26, 24);
    }

    private static Message lock(FuseOpcode opcode, long unique, long node, long owner, int type) {
        return Message.of(opcode, unique, node)
                .u64(node)
                .u64(owner)
                .u64(0)
                .u64(Long.MAX_VALUE)
                .u32(type)
                .u32(77)
                .u32(0)
                .u32(0);
    }

    @Test
    void answersGetlkWithTheConflict() {
        long node = create("a").u64(0);
        kernel.call(lock(FuseOpcode.SETLK, 20, node, 1, F_WRLCK));
        Message.Reply r = kernel.call(lock(FuseOpcode.GETLK, 22, node, 2, F_WRLCK));
        assertThat(r.length()).isEqualTo(16 + 24);
        assertThat(r.u64(8)).isEqualTo(Long.MAX_VALUE);
        assertThat(r.u32(16)).isEqualTo(F_WRLCK);
        assertThat(r.u32(20)).isEqualTo(77);
        assertThat(kernel.call(lock(FuseOpcode.GETLK, 24, node, 1, F_WRLCK)).u32(16))
                .as("F_UNLCK")
                .isEqualTo(2);
    }

    @Test
    void refusesMoreLockWaitersThanTheBound() throws InterruptedException {
        CountDownLatch hold = new CountDownLatch(1);
        Kernel k = new Kernel(new MemoryFileSystem() {
            @Override
            public Errno setlk(FuseRequest request, long nodeId, long fh, io.efc.fuse.LockArgs lock, boolean wait) {
                try {
                    hold.await();
                    return Errno.OK;
                } catch (InterruptedException e) {
                    return Errno.EINTR;
                }
            }
        });
        for (int i = 0; i < Waiters.WAITERS_MAX; i++) {
            k.send(lock(FuseOpcode.SETLKW, 2L * i, ROOT, i, F_WRLCK).build());
        }
        assertThat(k.call(lock(FuseOpcode.SETLKW, 9999, ROOT, 1, F_WRLCK)).errno())
                .isEqualTo(Errno.ENOLCK.code());
        hold.countDown();
        for (int i = 0; i < Waiters.WAITERS_MAX; i++) {
            assertThat(k.reply().errno()).isZero();
        }
    }

    @Test
    void answersAReSentInit() {
        Message init = Message.of(FuseOpcode.INIT, 2, 0)
                .u32(7)
                .u32(45)
                .u32(131072)
                .u32(0x73fffffb)
                .u32(0x7fd);
        for (int i = 0; i < 11; i++) {
            init.u32(0);
        }
        Message.Reply r = kernel.call(init);
        assertThat(r.length()).isEqualTo(16 + 64);
        assertThat(r.u32(0)).isEqualTo(7);
        assertThat(r.u32(4)).isEqualTo(45);
        assertThat(r.u32(20)).as("max_write").isEqualTo(1 << 20);
    }

    @Test
    void answersDestroy() {
        assertThat(kernel.call(Message.of(FuseOpcode.DESTROY, 2, 0)).errno()).isZero();
    }
}
