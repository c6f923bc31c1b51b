package io.efc.cache.internal;

/**
 * CRC32C of two ranges together from their own checksums. Appending n bytes to a message multiplies its remainder by
 * x^(8n) modulo the polynomial, over GF(2); for {@link Geometry#PIECE} bytes that product is looked up byte by byte,
 * four loads, otherwise it is computed, about a microsecond.
 *
 * <p>Polynomials are in the reflected order of CRC32C (RFC 3720, appendix B.4): bit 31 is the coefficient of x^0.
 */
final class Crc {
    private static final int POLYNOMIAL = 0x82f63b78;
    private static final int ONE = 1 << 31;

    /** x^8. */
    private static final int BYTE = 1 << 23;

    /** By byte of the checksum and its value: times x^(8 PIECE). */
    private static final int[][] PIECE_PRODUCTS = new int[4][256];

    static {
        int shift = power(Geometry.PIECE);
        for (int i = 0; i < 4; i++) {
            for (int value = 0; value < 256; value++) {
                PIECE_PRODUCTS[i][value] = multiply(shift, value << (8 * i));
            }
        }
    }

    private Crc() {}

    /** The checksum of a first range followed by a second one of {@code bytes} bytes. */
    static int append(int first, int second, int bytes) {
        int moved = bytes == Geometry.PIECE
                ? PIECE_PRODUCTS[0][first & 0xff]
                        ^ PIECE_PRODUCTS[1][first >>> 8 & 0xff]
                        ^ PIECE_PRODUCTS[2][first >>> 16 & 0xff]
                        ^ PIECE_PRODUCTS[3][first >>> 24]
                : multiply(power(bytes), first);
        return moved ^ second;
    }

    /** x^(8n), by squaring. */
    private static int power(int n) {
        int result = ONE;
        int square = BYTE;
        for (int left = n; left != 0; left >>>= 1) {
            if ((left & 1) != 0) {
                result = multiply(result, square);
            }
            square = multiply(square, square);
        }
        return result;
    }

    private static int multiply(int a, int b) {
        int product = 0;
        int multiple = b;
        for (int left = a; left != 0; left <<= 1) {
            if (left < 0) {
                product ^= multiple;
            }
            multiple = (multiple >>> 1) ^ ((multiple & 1) == 0 ? 0 : POLYNOMIAL);
        }
        return product;
    }
}
