package io.efc.fuse.internal;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.efc.base.Errno;
import io.efc.fuse.FuseRequest;
import io.efc.fuse.internal.wire.ExtHeader;
import io.efc.fuse.internal.wire.InHeader;
import io.efc.fuse.internal.wire.OutHeader;
import java.lang.foreign.MemorySegment;

/**
 * One request and its reply: the buffers, the views over them, and who may interrupt it. Each reader thread has one and uses it for
 * all its requests; nothing is allocated per request.
 *
 * <p>All of it belongs to the thread that serves the request, except {@link Interruption#interrupt}.
 */
final class Exchange implements FuseRequest {
    /** The longest name that Linux has. */
    static final int NAME_MAX = 255;

    /** The longest target of a symbolic link: PATH_MAX without the NUL. */
    static final int TARGET_MAX = 4095;

    /** Bit 63 of unique: the request was sent before (FUSE_UNIQUE_RESEND). */
    private static final long RESENT = 1L << 63;

    final Name name = new Name();
    final Name name2 = new Name();
    final Arguments in = new Arguments();
    final Replies out;
    final Interruption interruption = new Interruption();

    private final Buffers buffers;
    private final InHeader header = new InHeader();
    private final OutHeader outHeader = new OutHeader();
    private final ExtHeader extHeader = new ExtHeader();
    private long receivedNanos;
    private long bodyAt;
    private int bodyBytes;
    private long dataOffset;

    Exchange(Buffers buffers) {
        this.buffers = buffers;
        this.out = new Replies(buffers.reply(), buffers.replyAt() + OutHeader.BYTES, buffers.iovec());
        header.wrap(buffers.request(), buffers.requestAt());
        outHeader.wrap(buffers.reply(), buffers.replyAt());
    }

    Buffers buffers() {
        return buffers;
    }

    InHeader header() {
        return header;
    }

    /** Copies the request that {@code other} holds, all but bulk data that does not fit. */
    void copyFrom(Exchange other, long bytes) {
        long n = Math.min(bytes, buffers.requestBytes());
        MemorySegment.copy(
                other.buffers.request(), other.buffers.requestAt(), buffers.request(), buffers.requestAt(), n);
        receivedNanos = other.receivedNanos;
    }

    /** When the message in the buffer was read, in nanoseconds of the ticker. */
    void receivedAt(long nanos) {
        receivedNanos = nanos;
    }

    /**
     * Starts on a message of {@code bytes} bytes.
     *
     * @return EINVAL if its lengths contradict each other
     */
    Errno parse(long bytes) {
        bodyAt = buffers.requestAt() + InHeader.BYTES;
        bodyBytes = 0;
        out.begin();
        if (bytes < InHeader.BYTES || header.length() != bytes || bytes > buffers.requestBytes()) {
            return Errno.EINVAL;
        }
        int extensions = header.extensionBytes();
        int rest = (int) bytes - InHeader.BYTES;
        if (extensions > rest) {
            return Errno.EINVAL;
        }
        bodyBytes = rest - extensions;
        dataOffset = bodyAt;
        return extensions == 0 ? Errno.OK : checkExtensions(bodyAt + bodyBytes, extensions);
    }

    /** Walks the extensions (struct fuse_ext_header and its payload, each padded to 8 bytes), none of which is asked for in INIT. */
    private Errno checkExtensions(long start, int bytes) {
        int done = 0;
        while (bytes - done >= ExtHeader.BYTES) {
            extHeader.wrap(buffers.request(), start + done);
            int size = extHeader.size();
            if (size < ExtHeader.BYTES || size > bytes - done) {
                return Errno.EINVAL;
            }
            done += size + 7 & ~7;
        }
        return done >= bytes ? Errno.OK : Errno.EINVAL;
    }

    int bodyBytes() {
        return bodyBytes;
    }

    long bodyAt() {
        return bodyAt;
    }

    MemorySegment body() {
        return buffers.request();
    }

    /** Reads one name after {@code fixed} bytes of struct. */
    Errno oneName(int fixed) {
        int length = nameLength(fixed, NAME_MAX);
        if (length < 0) {
            return Errno.of(-length);
        }
        name.wrap(buffers.request(), bodyAt + fixed, length);
        dataOffset = bodyAt + fixed + length + 1;
        return Errno.OK;
    }

    /** Reads two names after {@code fixed} bytes of struct; the second has at most {@code secondMax} bytes. */
    Errno twoNames(int fixed, int secondMax) {
        Errno first = oneName(fixed);
        if (!first.isOk()) {
            return first;
        }
        int at = fixed + name.length() + 1;
        int length = nameLength(at, secondMax);
        if (length < 0) {
            return Errno.of(-length);
        }
        name2.wrap(buffers.request(), bodyAt + at, length);
        return Errno.OK;
    }

    /** The bytes before the NUL of the name at {@code at} of the body, or minus the errno. */
    private int nameLength(int at, int max) {
        MemorySegment m = buffers.request();
        int limit = bodyBytes - at;
        for (int i = 0; i < limit; i++) {
            if (m.get(JAVA_BYTE, bodyAt + at + i) == 0) {
                return i == 0 ? -Errno.EINVAL.code() : i;
            }
            if (i == max) {
                return -Errno.ENAMETOOLONG.code();
            }
        }
        return -Errno.EINVAL.code();
    }

    /** Says that {@code bytes} bytes of bulk data start {@code at} bytes into the body; EINVAL if the message is shorter. */
    Errno bulk(int at, int bytes) {
        if (bytes < 0 || bytes > bodyBytes - at) {
            return Errno.EINVAL;
        }
        dataOffset = bodyAt + at;
        return Errno.OK;
    }

    /** Where the bulk data starts, counted from the body's start. */
    int dataAt() {
        return (int) (dataOffset - bodyAt);
    }

    /** True if a reply of {@code bytes} bytes fits the reply buffer. */
    boolean fitsReply(int bytes) {
        return bytes >= 0 && bytes <= buffers.replyBytes();
    }

    /** Writes the reply: the header alone for an error, else what {@link Replies} was given. */
    long reply(Device device, Errno outcome) {
        int payload = outcome.isOk() ? out.length() : 0;
        outHeader.length(OutHeader.BYTES + payload).error(-outcome.code()).unique(header.unique());
        if (payload > 0 && out.data.pieces() > 0) {
            long address = buffers.reply().address() + buffers.replyAt();
            return device.writev(out.data.iovecWithHeader(address, OutHeader.BYTES), out.data.pieces() + 1);
        }
        return device.write(buffers.reply(), buffers.replyAt(), OutHeader.BYTES + payload);
    }

    long nodeId() {
        return header.nodeId();
    }

    @Override
    public long unique() {
        return header.unique() & ~RESENT;
    }

    @Override
    public boolean resent() {
        return (header.unique() & RESENT) != 0;
    }

    @Override
    public int uid() {
        return header.uid();
    }

    @Override
    public int gid() {
        return header.gid();
    }

    @Override
    public int pid() {
        return header.pid();
    }

    @Override
    public MemorySegment data() {
        return buffers.request();
    }

    @Override
    public long dataOffset() {
        return dataOffset;
    }

    @Override
    public long receivedNanos() {
        return receivedNanos;
    }

    @Override
    public boolean interrupted() {
        return interruption.interrupted();
    }
}
