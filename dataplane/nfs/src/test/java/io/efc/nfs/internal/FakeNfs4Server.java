package io.efc.nfs.internal;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Just enough of an NFSv4.1 server to misbehave on command: one directory, one file whose unstable writes die with {@link #restart}, slots with a
 * replay cache, extended attributes in a map. Each name stands for the file, created or not. Tests decide how a reply goes out ({@link #send}) and which operation fails ({@link #fail}).
 */
final class FakeNfs4Server implements AutoCloseable {
    /** One reply on its way: what goes out, and where. */
    @SuppressWarnings("ArrayRecordComponent")
    record Reply(int xid, byte[] message, OutputStream out, Socket socket) {
        void whole() {
            fragments(message.length == 0 ? 1 : message.length);
        }

        /** Sends the message as fragments of at most {@code size} bytes. */
        void fragments(int size) {
            ByteArrayOutputStream b = new ByteArrayOutputStream();
            for (int at = 0; at < message.length; at += size) {
                int n = Math.min(size, message.length - at);
                marker(b, n, at + n == message.length);
                b.write(message, at, n);
            }
            raw(b.toByteArray());
        }

        static void marker(ByteArrayOutputStream b, int n, boolean last) {
            b.write(last ? n >>> 24 | 0x80 : n >>> 24);
            b.write(n >>> 16);
            b.write(n >>> 8);
            b.write(n);
        }

        void raw(byte[] bytes) {
            try {
                synchronized (socket) {
                    out.write(bytes);
                    out.flush();
                }
            } catch (IOException e) {
                cut();
            }
        }

        void cut() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** The same with another xid. */
        Reply withXid(int other) {
            byte[] m = message.clone();
            for (int i = 0; i < 4; i++) {
                m[i] = (byte) (other >>> (24 - 8 * i));
            }
            return new Reply(other, m, out, socket);
        }
    }

    interface Sender {
        void send(Reply reply);
    }

    /** One request as a slot saw it. */
    record Slotted(int slot, int sequence, boolean replayed, List<Integer> operations) {}

    @SuppressWarnings("ArrayRecordComponent")
    private record Cached(int sequence, byte[] results) {}

    /** Ends a compound. */
    private static final class Failed extends RuntimeException {
        final int status;

        Failed(int status) {
            super("status " + status, null, false, false);
            this.status = status;
        }
    }

    static final byte[] ROOT_HANDLE = {1};
    static final byte[] FILE_HANDLE = {2};

    volatile Sender send = Reply::whole;
    volatile IntUnaryOperator fail = op -> 0;
    volatile int minorMax = 2;
    volatile boolean copySupported = true;
    volatile int sequenceFlags;
    final List<Slotted> requests = new CopyOnWriteArrayList<>();
    final List<Integer> executed = new CopyOnWriteArrayList<>();
    final Map<String, byte[]> xattrs = new TreeMap<>();

    /** Whether a second creation is told of the first. */
    volatile boolean remembersCreation;

    /** The file's access time in nanoseconds. */
    volatile long atime = 1_000_000_000L;

    private boolean created;

    private final ServerSocket listener;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final Map<Integer, Cached> slots = new HashMap<>();
    private byte[] memory = new byte[0];
    private byte[] disk = new byte[0];
    private long clientId = 100;
    private boolean clientKnown;
    private boolean sessionKnown;
    private int sessions;
    private long verifier = 7;
    private int stateids;
    private int openStateid = -1;

    FakeNfs4Server() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("fake-nfs").start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    synchronized byte[] disk() {
        return disk.clone();
    }

    synchronized void content(byte[] bytes) {
        memory = bytes.clone();
        disk = bytes.clone();
    }

    /** Loses what is not on disk, all clients and all connections; {@code newVerifier} false: as a server that restarts within a second. */
    synchronized void restart(boolean newVerifier) {
        memory = disk.clone();
        verifier += newVerifier ? 1 : 0;
        clientKnown = false;
        sessionKnown = false;
        clientId++;
        openStateid = -1;
        slots.clear();
        sockets.forEach(FakeNfs4Server::closeQuietly);
        sockets.clear();
    }

    /** Forgets the session and keeps the client. */
    synchronized void forgetSession() {
        sessionKnown = false;
    }

    /** Revokes the open state. */
    synchronized void revoke() {
        openStateid = -1;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket s = listener.accept();
                s.setTcpNoDelay(true);
                sockets.add(s);
                Thread.ofPlatform().daemon().name("fake-nfs-connection").start(() -> serve(s));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            while (true) {
                int marker = in.readInt();
                byte[] message = in.readNBytes(marker & 0x7fffffff);
                DataInputStream call = new DataInputStream(new ByteArrayInputStream(message));
                int xid = call.readInt();
                call.skipBytes(20);
                opaqueAuth(call);
                opaqueAuth(call);
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                DataOutputStream out = new DataOutputStream(bytes);
                for (int word : new int[] {xid, 1, 0, 0, 0, 0}) {
                    out.writeInt(word);
                }
                out.write(compound(call));
                send.send(new Reply(xid, bytes.toByteArray(), socket.getOutputStream(), socket));
            }
        } catch (IOException e) {
            sockets.remove(socket);
        }
    }

    private static void opaqueAuth(DataInputStream in) throws IOException {
        in.readInt();
        opaque(in);
    }

    static byte[] opaque(DataInputStream in) throws IOException {
        int n = in.readInt();
        byte[] b = in.readNBytes(n);
        in.skipBytes((4 - n % 4) % 4);
        return b;
    }

    private static void opaque(DataOutputStream out, byte[] b) throws IOException {
        out.writeInt(b.length);
        out.write(b);
        out.write(new byte[(4 - b.length % 4) % 4]);
    }

    private synchronized byte[] compound(DataInputStream in) throws IOException {
        opaque(in);
        int minor = in.readInt();
        int count = in.readInt();
        ByteArrayOutputStream results = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(results);
        int done = 0;
        int status = minor > minorMax ? 10021 : 0;
        List<Integer> operations = new ArrayList<>();
        int slot = -1;
        int sequence = 0;
        for (; done < count && status == 0; done++) {
            int op = in.readInt();
            operations.add(op);
            if (op == Nfs4.OP_SEQUENCE) {
                in.skipBytes(16);
                sequence = in.readInt();
                slot = in.readInt();
                in.readInt();
                in.readInt();
                Cached cached = slots.get(slot);
                if (sessionKnown && cached != null && cached.sequence == sequence) {
                    requests.add(new Slotted(slot, sequence, true, operations));
                    return cached.results;
                }
                status = fail.applyAsInt(op);
                status = status != 0 ? status : sequenceStatus(cached, sequence);
                out.writeInt(op);
                out.writeInt(status);
                if (status == 0) {
                    out.write(new byte[16]);
                    for (int word : new int[] {sequence, slot, 63, 63, sequenceFlags}) {
                        out.writeInt(word);
                    }
                }
                continue;
            }
            status = operation(op, in, out);
        }
        byte[] all = assemble(status, done, results);
        if (slot >= 0 && (status == 0 || done > 1)) {
            slots.put(slot, new Cached(sequence, all));
            requests.add(new Slotted(slot, sequence, false, operations));
        }
        return all;
    }

    private static byte[] assemble(int status, int done, ByteArrayOutputStream results) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        DataOutputStream head = new DataOutputStream(all);
        head.writeInt(status);
        head.writeInt(0);
        head.writeInt(done);
        results.writeTo(head);
        return all.toByteArray();
    }

    private int sequenceStatus(@Nullable Cached cached, int sequence) {
        if (!sessionKnown) {
            return 10052;
        }
        int last = cached == null ? 0 : cached.sequence;
        return sequence == last + 1 ? 0 : 10063;
    }

    private int operation(int op, DataInputStream in, DataOutputStream out) throws IOException {
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        int status = fail.applyAsInt(op);
        try {
            if (status == 0) {
                execute(op, in, new DataOutputStream(result));
                executed.add(op);
            }
        } catch (Failed f) {
            status = f.status;
        }
        out.writeInt(op);
        out.writeInt(status);
        if (status == 0) {
            result.writeTo(out);
        }
        return status;
    }

    private byte[] current = ROOT_HANDLE;
    private byte[] saved = ROOT_HANDLE;

    private void execute(int op, DataInputStream in, DataOutputStream out) throws IOException {
        switch (op) {
            case Nfs4.OP_EXCHANGE_ID -> exchangeId(out);
            case Nfs4.OP_CREATE_SESSION -> createSession(in, out);
            case Nfs4.OP_BIND_CONN_TO_SESSION -> {
                check(sessionKnown, 10052);
                out.write(new byte[16]);
                out.writeInt(1);
                out.writeInt(0);
            }
            case Nfs4.OP_RECLAIM_COMPLETE -> in.readInt();
            case Nfs4.OP_DESTROY_SESSION, Nfs4.OP_DESTROY_CLIENTID -> {}
            case Nfs4.OP_PUTROOTFH -> current = ROOT_HANDLE;
            case Nfs4.OP_PUTFH -> current = opaque(in);
            case Nfs4.OP_SAVEFH -> saved = current;
            case Nfs4.OP_RESTOREFH -> current = saved;
            case Nfs4.OP_LOOKUP -> current = opaque(in).length == 6 ? ROOT_HANDLE : FILE_HANDLE; // "export" or a file
            case Nfs4.OP_NVERIFY -> {
                in.skipBytes(4 * in.readInt());
                opaque(in);
            }
            case Nfs4.OP_REMOVE -> {
                opaque(in);
                out.write(new byte[20]);
            }
            case Nfs4.OP_GETFH -> opaque(out, current);
            case Nfs4.OP_GETATTR -> getattr(in, out);
            case Nfs4.OP_OPEN -> open(in, out);
            case Nfs4.OP_CLOSE -> {
                in.readInt();
                stateid(in);
                openStateid = -1;
                out.write(new byte[16]);
            }
            case Nfs4.OP_READ -> read(in, out);
            case Nfs4.OP_WRITE -> write(in, out);
            case Nfs4.OP_COMMIT -> {
                in.skipBytes(12);
                disk = memory.clone();
                out.writeLong(verifier);
            }
            case Nfs4.OP_COPY -> {
                check(copySupported, 10004);
                check(!Arrays.equals(current, ROOT_HANDLE), 21);
                in.skipBytes(32 + 16);
                long length = in.readLong();
                out.writeInt(0);
                out.writeLong(length);
                out.writeInt(2);
                out.writeLong(verifier);
                out.writeInt(1);
                out.writeInt(1);
            }
            case Nfs4.OP_SEEK, Nfs4.OP_ALLOCATE, Nfs4.OP_DEALLOCATE -> check(!Arrays.equals(current, ROOT_HANDLE), 21);
            default -> FakeXattrs.execute(op, in, out, xattrs);
        }
    }

    static void check(boolean good, int status) {
        if (!good) {
            throw new Failed(status);
        }
    }

    static void reply(DataOutputStream out, byte[] opaque) throws IOException {
        opaque(out, opaque);
    }

    private void exchangeId(DataOutputStream out) throws IOException {
        out.writeLong(clientId);
        out.writeInt(++sessions);
        out.writeInt(clientKnown ? 0x80000000 : 0);
        out.writeInt(0);
        out.writeLong(0);
        opaque(out, new byte[] {'s'});
        opaque(out, new byte[] {'s', 'c'});
        out.writeInt(0);
    }

    private void createSession(DataInputStream in, DataOutputStream out) throws IOException {
        check(in.readLong() == clientId, 10022);
        int sequence = in.readInt();
        in.readInt();
        out.write(new byte[16]);
        out.writeInt(sequence);
        out.writeInt(0);
        for (int channel = 0; channel < 2; channel++) {
            for (int i = 0; i < 6; i++) {
                out.writeInt(in.readInt());
            }
            in.readInt();
            out.writeInt(0);
        }
        clientKnown = true;
        sessionKnown = true;
        slots.clear();
    }

    private int stateid(DataInputStream in) throws IOException {
        in.readInt();
        int number = in.readInt();
        in.skipBytes(8);
        return number;
    }

    private void useStateid(DataInputStream in) throws IOException {
        int number = stateid(in);
        check(number == 0 || number == openStateid, 10025);
    }

    private void open(DataInputStream in, DataOutputStream out) throws IOException {
        in.skipBytes(12 + 8);
        opaque(in);
        if (in.readInt() == 1) {
            check(in.readInt() == 1, 10004);
            check(!(remembersCreation && created), 17);
            created = true;
            createAttributes(in);
        }
        int claim = in.readInt();
        if (claim == 0) {
            opaque(in);
        } else if (claim == 1) {
            in.readInt();
        }
        current = FILE_HANDLE;
        openStateid = ++stateids;
        out.writeInt(1);
        out.writeInt(openStateid);
        out.write(new byte[8]);
        out.writeInt(1);
        out.writeLong(1);
        out.writeLong(2);
        out.writeInt(0);
        out.writeInt(0);
        out.writeInt(0);
    }

    /** The bitmap, then mode and, if it is there, a client's access time. */
    private void createAttributes(DataInputStream in) throws IOException {
        in.skipBytes(4 * in.readInt());
        DataInputStream values = new DataInputStream(new ByteArrayInputStream(opaque(in)));
        values.readInt();
        if (values.available() > 0) {
            check(values.readInt() == 1, 22);
            atime = values.readLong() * 1_000_000_000L + values.readInt();
        }
    }

    private void read(DataInputStream in, DataOutputStream out) throws IOException {
        useStateid(in);
        long position = in.readLong();
        int count = in.readInt();
        int from = (int) Math.min(position, memory.length);
        int n = Math.min(count, memory.length - from);
        out.writeInt(from + n == memory.length ? 1 : 0);
        opaque(out, Arrays.copyOfRange(memory, from, from + n));
    }

    private void write(DataInputStream in, DataOutputStream out) throws IOException {
        useStateid(in);
        int position = (int) in.readLong();
        int stable = in.readInt();
        byte[] data = opaque(in);
        memory = Arrays.copyOf(memory, Math.max(memory.length, position + data.length));
        System.arraycopy(data, 0, memory, position, data.length);
        if (stable != 0) {
            disk = Arrays.copyOf(disk, Math.max(disk.length, position + data.length));
            System.arraycopy(data, 0, disk, position, data.length);
        }
        out.writeInt(data.length);
        out.writeInt(stable);
        out.writeLong(verifier);
    }

    private void getattr(DataInputStream in, DataOutputStream out) throws IOException {
        int words = in.readInt();
        int[] bitmap = new int[words];
        for (int i = 0; i < words; i++) {
            bitmap[i] = in.readInt();
        }
        ByteArrayOutputStream values = new ByteArrayOutputStream();
        DataOutputStream v = new DataOutputStream(values);
        boolean directory = Arrays.equals(current, ROOT_HANDLE);
        for (int a = 0; a < 32 * words; a++) {
            if ((bitmap[a / 32] >>> (a % 32) & 1) != 0) {
                attribute(a, directory, v);
            }
        }
        out.writeInt(words);
        for (int w : bitmap) {
            out.writeInt(w);
        }
        opaque(out, values.toByteArray());
    }

    private void attribute(int a, boolean directory, DataOutputStream v) throws IOException {
        switch (a) {
            case Nfs4Attributes.TYPE -> v.writeInt(directory ? 2 : 1);
            case Nfs4Attributes.SIZE -> v.writeLong(memory.length);
            case Nfs4Attributes.FSID -> {
                v.writeLong(1);
                v.writeLong(2);
            }
            case Nfs4Attributes.OWNER, Nfs4Attributes.OWNER_GROUP -> opaque(v, "0".getBytes(StandardCharsets.US_ASCII));
            case Nfs4Attributes.RAWDEV -> v.writeLong(0);
            case Nfs4Attributes.TIME_ACCESS -> {
                v.writeLong(atime / 1_000_000_000L);
                v.writeInt((int) (atime % 1_000_000_000L));
            }
            case Nfs4Attributes.TIME_METADATA, Nfs4Attributes.TIME_MODIFY -> {
                v.writeLong(1);
                v.writeInt(0);
            }
            case Nfs4Attributes.MAXREAD, Nfs4Attributes.MAXWRITE -> v.writeLong(65536);
            case Nfs4Attributes.LEASE_TIME -> v.writeInt(90);
            case Nfs4Attributes.LINK_SUPPORT, Nfs4Attributes.SYMLINK_SUPPORT, Nfs4Attributes.XATTR_SUPPORT ->
                v.writeInt(1);
            case Nfs4Attributes.MAXNAME, Nfs4Attributes.MODE, Nfs4Attributes.NUMLINKS -> v.writeInt(255);
            default -> v.writeLong(a);
        }
    }

    private static void closeQuietly(Socket s) {
        try {
            s.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        sockets.forEach(FakeNfs4Server::closeQuietly);
    }
}
