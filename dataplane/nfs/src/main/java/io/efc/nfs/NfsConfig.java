package io.efc.nfs;

import io.efc.base.Check;
import java.time.Duration;

/**
 * Where an export is and how to talk to its server. {@link #of} has the defaults; the {@code with} methods change one.
 *
 * @param host name or address
 * @param port the server's NFS port, by default 2049
 * @param exportPath absolute; for v4 the path in the server's pseudo file system
 * @param nconnect TCP connections, 1 to {@value #NCONNECT_MAX}
 * @param readBytesMax rsize: the most bytes of one READ that are asked for; the server may lower it
 * @param writeBytesMax wsize: the same of one WRITE
 * @param mountPort v3: the port of the MOUNT program; 0 asks the server's portmapper
 * @param connectTimeout bounds the first connection: {@link NfsClients#connect} fails after it
 * @param requestTimeout a request without an answer for so long has its connection closed and is sent again on a new one
 * @param softTimeout zero: a server that is away is waited for without end (a hard mount); else a request fails with ETIMEDOUT after so long
 * @param reservedPort connect from a port below 1024, as exports marked {@code secure} demand; needs root. Off by default: NAS services advise
 *     {@code noresvport}, since a reconnect must not wait for the old port
 * @param uncommittedBytesMax off-heap bytes of UNSTABLE writes, over all files, kept until they are committed
 */
public record NfsConfig(
        String host,
        int port,
        String exportPath,
        NfsVersion version,
        int nconnect,
        int readBytesMax,
        int writeBytesMax,
        int mountPort,
        Duration connectTimeout,
        Duration requestTimeout,
        Duration softTimeout,
        boolean reservedPort,
        long uncommittedBytesMax) {
    /** As Linux's nconnect. */
    public static final int NCONNECT_MAX = 16;

    /** The least rsize and wsize: below it headers cost more than data. */
    public static final int TRANSFER_BYTES_LEAST = 4096;

    /** The largest rsize and wsize: a reply's record is bounded by it. */
    public static final int TRANSFER_BYTES_MAX = 16 << 20;

    /** The port that RFC 8881 section 2.9.3 names. */
    public static final int PORT = 2049;

    public NfsConfig {
        Check.argument(!host.isBlank(), "host is empty");
        Check.argument(port >= 1 && port <= 65535, "port is %d, accepted: 1 to 65535", port);
        Check.argument(exportPath.startsWith("/"), "export path '" + exportPath + "' does not start with '/'");
        Check.argument(exportPath.indexOf('\0') < 0, "export path contains NUL");
        Check.argument(
                nconnect >= 1 && nconnect <= NCONNECT_MAX, "nconnect is %d, accepted: 1 to %d", nconnect, NCONNECT_MAX);
        transfer("rsize", readBytesMax);
        transfer("wsize", writeBytesMax);
        Check.argument(mountPort >= 0 && mountPort <= 65535, "mountport is %d, accepted: 0 to 65535", mountPort);
        positive("connect timeout", connectTimeout);
        positive("request timeout", requestTimeout);
        Check.argument(!softTimeout.isNegative(), "soft timeout is negative");
        Check.argument(
                uncommittedBytesMax >= 1 << 20,
                "uncommitted bytes are %d, accepted: 1 MiB or more",
                uncommittedBytesMax);
    }

    private static void transfer(String name, int bytes) {
        Check.argument(
                bytes >= TRANSFER_BYTES_LEAST && bytes <= TRANSFER_BYTES_MAX && bytes % 4096 == 0,
                name + " is " + bytes + ", accepted: multiples of 4096 from " + TRANSFER_BYTES_LEAST + " to "
                        + TRANSFER_BYTES_MAX);
    }

    private static void positive(String name, Duration d) {
        Check.argument(
                d.isPositive() && d.compareTo(Duration.ofHours(1)) <= 0,
                name + " is " + d + ", accepted: more than 0, at most an hour");
    }

    /** The defaults: v4.1, one connection, 1 MiB requests, hard. */
    public static NfsConfig of(String host, int port, String exportPath) {
        return new NfsConfig(
                host,
                port,
                exportPath,
                NfsVersion.V4_1,
                1,
                1 << 20,
                1 << 20,
                0,
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ZERO,
                false,
                64L << 20);
    }

    public NfsConfig withVersion(NfsVersion v) {
        return new NfsConfig(
                host,
                port,
                exportPath,
                v,
                nconnect,
                readBytesMax,
                writeBytesMax,
                mountPort,
                connectTimeout,
                requestTimeout,
                softTimeout,
                reservedPort,
                uncommittedBytesMax);
    }

    public NfsConfig withNconnect(int n) {
        return new NfsConfig(
                host,
                port,
                exportPath,
                version,
                n,
                readBytesMax,
                writeBytesMax,
                mountPort,
                connectTimeout,
                requestTimeout,
                softTimeout,
                reservedPort,
                uncommittedBytesMax);
    }

    /** {@code rsize} and {@code wsize}. */
    public NfsConfig withTransfer(int readBytes, int writeBytes) {
        return new NfsConfig(
                host,
                port,
                exportPath,
                version,
                nconnect,
                readBytes,
                writeBytes,
                mountPort,
                connectTimeout,
                requestTimeout,
                softTimeout,
                reservedPort,
                uncommittedBytesMax);
    }

    public NfsConfig withMountPort(int p) {
        return new NfsConfig(
                host,
                port,
                exportPath,
                version,
                nconnect,
                readBytesMax,
                writeBytesMax,
                p,
                connectTimeout,
                requestTimeout,
                softTimeout,
                reservedPort,
                uncommittedBytesMax);
    }

    /** Bounds of the first connection, of a request, and (zero: none) of an operation. */
    public NfsConfig withTimeouts(Duration connect, Duration request, Duration soft) {
        return new NfsConfig(
                host,
                port,
                exportPath,
                version,
                nconnect,
                readBytesMax,
                writeBytesMax,
                mountPort,
                connect,
                request,
                soft,
                reservedPort,
                uncommittedBytesMax);
    }

    public NfsConfig withReservedPort(boolean reserved) {
        return new NfsConfig(
                host,
                port,
                exportPath,
                version,
                nconnect,
                readBytesMax,
                writeBytesMax,
                mountPort,
                connectTimeout,
                requestTimeout,
                softTimeout,
                reserved,
                uncommittedBytesMax);
    }

    public NfsConfig withUncommittedBytesMax(long bytes) {
        return new NfsConfig(
                host,
                port,
                exportPath,
                version,
                nconnect,
                readBytesMax,
                writeBytesMax,
                mountPort,
                connectTimeout,
                requestTimeout,
                softTimeout,
                reservedPort,
                bytes);
    }

    /** {@code nfs://host:port/path}. */
    public String location() {
        return "nfs://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port + exportPath;
    }
}
