package io.efc.testing.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultProxyIT {
    private ServerSocket echo = newEcho();
    private FaultProxy proxy = new FaultProxy(echo.getLocalPort(), 1);

    @BeforeEach
    void startEcho() {
        Thread.ofPlatform().daemon().start(() -> {
            while (!echo.isClosed()) {
                try {
                    Socket s = echo.accept();
                    Thread.ofPlatform().daemon().start(() -> copyBack(s));
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        echo.close();
    }

    @Test
    void passesBytesOnAndCountsThem() throws IOException {
        try (Socket s = connect()) {
            assertThat(roundTrip(s, 100_000)).isEqualTo(pattern(100_000));
        }
        assertThat(proxy.toServerBytes()).isEqualTo(100_000);
        assertThat(proxy.toClientBytes()).isEqualTo(100_000);
        assertThat(proxy.accepted()).isEqualTo(1);
    }

    @Test
    void cutsInTheMiddleOfAnAnswer() throws IOException {
        try (Socket s = connect()) {
            proxy.cutAfterToClient(50);
            assertThatThrownBy(() -> {
                        if (roundTrip(s, 100).length < 100) {
                            throw new IOException("cut");
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
        assertThat(proxy.toClientBytes()).isEqualTo(50);
        try (Socket s = connect()) {
            assertThat(roundTrip(s, 100)).isEqualTo(pattern(100));
        }
    }

    @Test
    void stallsAndGoesOn() throws IOException {
        try (Socket s = connect()) {
            proxy.stall(true);
            s.setSoTimeout(100);
            s.getOutputStream().write(1);
            assertThatThrownBy(() -> s.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            proxy.stall(false);
            s.setSoTimeout(30_000);
            assertThat(s.getInputStream().read()).isEqualTo(1);
        }
    }

    @Test
    void garblesAboutOneByteInSoMany() throws IOException {
        proxy.garble(1000);
        try (Socket s = connect()) {
            byte[] got = roundTrip(s, 100_000);
            byte[] sent = pattern(100_000);
            int changed = 0;
            for (int i = 0; i < got.length; i++) {
                changed += got[i] == sent[i] ? 0 : 1;
            }
            assertThat(changed).isBetween(20, 500);
        }
    }

    private Socket connect() throws IOException {
        Socket s = new Socket();
        s.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port()), 30_000);
        s.setSoTimeout(30_000);
        return s;
    }

    private static byte[] roundTrip(Socket s, int bytes) throws IOException {
        Thread.ofPlatform().daemon().start(() -> {
            try {
                s.getOutputStream().write(pattern(bytes));
            } catch (IOException e) {
                return; // The reader sees the cut as well.
            }
        });
        return s.getInputStream().readNBytes(bytes);
    }

    private static byte[] pattern(int bytes) {
        byte[] all = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            all[i] = (byte) (i * 31 + (i >> 8));
        }
        return all;
    }

    private static ServerSocket newEcho() {
        try {
            return new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void copyBack(Socket s) {
        try (s) {
            s.getInputStream().transferTo(s.getOutputStream());
        } catch (IOException e) {
            return; // Cut, as the test wants it.
        }
    }
}
