package io.efc.nfs.internal;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * An NFSv3 server whose answers a test writes: MOUNT and NFS on one port, one file handle, whatever a handler says for each procedure. A handler that
 * returns null has the connection closed without an answer.
 */
final class Nfs3FakeServer implements AutoCloseable {
    /** Answers one call: what follows the RPC head. */
    interface Handler {
        byte @Nullable [] answer(ByteBuffer arguments) throws IOException;
    }

    /** Writes results. */
    interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    static final byte[] HANDLE = {1, 2, 3, 4};

    private static final int RECORD_BYTES_MAX = 4 << 20;

    private final ServerSocket listener;
    private final ConcurrentMap<Integer, Handler> handlers = new ConcurrentHashMap<>();
    private final ConcurrentMap<Integer, Integer> calls = new ConcurrentHashMap<>();

    Nfs3FakeServer() {
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        on(Nfs3Procedure.GETATTR, a -> results(0, o -> attr(o, 2, 0)));
        on(
                Nfs3Procedure.FSINFO,
                a -> results(0, o -> {
                    o.writeInt(0);
                    for (int i = 0; i < 7; i++) {
                        o.writeInt(65536);
                    }
                    o.writeLong(Long.MAX_VALUE);
                    o.writeLong(1);
                    o.writeInt(3);
                }));
        on(
                Nfs3Procedure.PATHCONF,
                a -> results(0, o -> {
                    o.writeInt(0);
                    o.writeInt(100);
                    o.writeInt(255);
                    o.write(new byte[16]);
                }));
        Thread.ofPlatform().daemon().name("fake-nfs").start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    void on(Nfs3Procedure procedure, Handler handler) {
        handlers.put(procedure.number(), handler);
    }

    /** How often a procedure was called. */
    int calls(Nfs3Procedure procedure) {
        return calls.getOrDefault(procedure.number(), 0);
    }

    /** A status and what follows it. */
    static byte[] results(int status, Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(status);
            body.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** fattr3 of a file of this type (1 regular, 2 directory) and size, owned by root. */
    static void attr(DataOutputStream out, int type, long size) throws IOException {
        out.writeInt(type);
        out.writeInt(0755);
        out.writeInt(1);
        out.writeInt(0);
        out.writeInt(0);
        out.writeLong(size);
        out.writeLong(size);
        out.writeLong(0);
        out.writeLong(9);
        out.writeLong(type);
        out.write(new byte[24]);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                Thread.ofPlatform().daemon().name("fake-nfs-connection").start(() -> serve(socket));
            } catch (SocketException e) {
                return;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(socket.getInputStream());
            DataOutputStream out = new DataOutputStream(socket.getOutputStream());
            while (true) {
                int length = in.readInt() & 0x7fffffff;
                if (length > RECORD_BYTES_MAX) {
                    throw new IOException("a record of " + length + " bytes");
                }
                ByteBuffer call = ByteBuffer.wrap(in.readNBytes(length));
                int xid = call.getInt();
                byte[] answer = dispatch(call);
                if (answer == null) {
                    return;
                }
                ByteBuffer reply = ByteBuffer.allocate(28 + answer.length);
                reply.putInt(0x80000000 | (24 + answer.length)).putInt(xid).putInt(1);
                reply.putInt(0).putInt(0).putInt(0).putInt(0).put(answer);
                out.write(reply.array());
                out.flush();
            }
        } catch (EOFException | SocketException e) {
            return; // The client has gone.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte @Nullable [] dispatch(ByteBuffer call) throws IOException {
        call.position(12);
        int program = call.getInt();
        call.getInt();
        int procedure = call.getInt();
        for (int i = 0; i < 2; i++) {
            call.getInt();
            int auth = call.getInt();
            call.position(call.position() + auth);
        }
        if (program == Nfs3.MOUNT_PROGRAM) {
            return results(0, o -> {
                o.writeInt(HANDLE.length);
                o.write(HANDLE);
                o.writeInt(1);
                o.writeInt(1);
            });
        }
        calls.merge(procedure, 1, Integer::sum);
        Handler handler = handlers.get(procedure);
        if (handler == null) {
            return results(10004, o -> {});
        }
        return handler.answer(call);
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
