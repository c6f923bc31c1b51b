package io.efc.rpc;

import io.efc.base.Check;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** What all processes of one runtime know and nobody else does: {@value #BYTES_MIN} to {@value #BYTES_MAX} bytes. */
public final class Secret {
    /** Below this a secret can be guessed from one recorded handshake. */
    public static final int BYTES_MIN = 16;

    /** More adds nothing to HMAC-SHA256's strength. */
    public static final int BYTES_MAX = 1024;

    /** Bytes of a nonce and of a proof. */
    public static final int PROOF_BYTES = 32;

    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKeySpec key;

    /** Copies {@code bytes}. */
    public Secret(byte[] bytes) {
        Check.argument(
                bytes.length >= BYTES_MIN && bytes.length <= BYTES_MAX,
                "a secret has %d bytes; accepted: 16 to 1024",
                bytes.length);
        this.key = new SecretKeySpec(bytes, "HmacSHA256");
    }

    /** A fresh random secret as hexadecimal text, as {@link #read} takes it. */
    public static String generate() {
        return HexFormat.of().formatHex(nonce());
    }

    /** The secret in a file, without the white space around it. */
    public static Secret read(Path file) throws IOException {
        return new Secret(Files.readString(file).strip().getBytes(StandardCharsets.UTF_8));
    }

    static byte[] nonce() {
        byte[] nonce = new byte[PROOF_BYTES];
        RANDOM.nextBytes(nonce);
        return nonce;
    }

    /** HMAC-SHA256 over a side's label, what was agreed, and both nonces: neither side's proof can be used as the other's. */
    byte[] prove(String label, Hello hello, int version, byte[] serverNonce) {
        byte[] name = hello.name().getBytes(StandardCharsets.UTF_8);
        ByteBuffer numbers = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(version)
                .putInt(hello.role().code())
                .putLong(hello.dataset());
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            mac.update(label.getBytes(StandardCharsets.US_ASCII));
            mac.update((byte) 0);
            mac.update(numbers.array());
            mac.update(hello.nonce());
            mac.update(serverNonce);
            return mac.doFinal(name);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks HMAC-SHA256, which every Java platform must have", e);
        }
    }

    /**
     * Bytes that only who has the secret can make: HKDF-SHA256 (RFC 5869).
     *
     * @param purpose other bytes for each
     */
    public byte[] derive(String purpose, int bytes) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(key)
                            .thenExpand(purpose.getBytes(StandardCharsets.US_ASCII), bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks HKDF-SHA256, which JDK 25 has", e);
        }
    }

    /** Compares in constant time. */
    static boolean same(byte[] a, byte[] b) {
        return MessageDigest.isEqual(a, b);
    }

    @Override
    public String toString() {
        return "Secret[hidden]";
    }
}
