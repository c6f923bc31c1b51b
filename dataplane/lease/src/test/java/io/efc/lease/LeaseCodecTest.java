package io.efc.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LeaseCodecTest {
    private static final ObjectId FILE = ObjectId.file(1, 2, 3);
    private static final ObjectId DIRECTORY = ObjectId.directory(1, 2);

    private static final Request.Claim CLAIM = new Request.Claim(FILE, Mode.READ, Mode.READ, 5, List.of(), List.of());

    private static Stream<ToMaster> toMaster() {
        return Stream.concat(
                Stream.of(new ToMaster.Open(9, 8, 7), new ToMaster.Beat(9, 2, 3), new ToMaster.Close(-1)),
                Stream.of(
                                null,
                                new Request.Acquire(FILE, Mode.WRITE),
                                new Request.Yield(FILE, 5, Mode.READ),
                                new Request.YieldChild(DIRECTORY, 5, 3),
                                new Request.Claims(List.of(
                                        new Request.Claim(
                                                DIRECTORY,
                                                Mode.WRITE,
                                                Mode.NONE,
                                                5,
                                                List.of(1L, Long.MIN_VALUE),
                                                List.of(7L)),
                                        CLAIM)),
                                new Request.ClaimsDone(4))
                        .map(body -> new ToMaster.Frame(9, 2, 1, 0, body)));
    }

    private static Stream<ToClient> toClient() {
        return Stream.concat(
                Stream.of(
                        new ToClient.Opened(9, 2, 1),
                        new ToClient.Renewed(9, 2, 1),
                        new ToClient.Reclaim(9, 3),
                        new ToClient.Ended(9)),
                Stream.of(
                                null,
                                new Reply.Granted(FILE, DIRECTORY, Mode.READ, 5, List.of(3L)),
                                new Reply.Ticket(FILE, 5, 2),
                                new Reply.Busy(FILE),
                                new Reply.Denied(FILE, Reply.Reason.WRITABLE),
                                new Reply.Recall(FILE, 5, Mode.NONE),
                                new Reply.Carve(DIRECTORY, 5, 3))
                        .map(body -> new ToClient.Frame(9, 2, 1, 0, body)));
    }

    @Test
    void everyMessageComesBackAsItWas() {
        assertThat(toMaster())
                .allSatisfy(m ->
                        assertThat(LeaseCodec.toMaster(LeaseCodec.encode(m))).isEqualTo(m));
        assertThat(toClient())
                .allSatisfy(m ->
                        assertThat(LeaseCodec.toClient(LeaseCodec.encode(m))).isEqualTo(m));
    }

    @Test
    void theBytesAreThoseOfThePage() {
        ToMaster.Frame frame = new ToMaster.Frame(9, 2, 1, 0, new Request.Yield(FILE, 5, Mode.READ));
        assertThat(HexFormat.of().formatHex(LeaseCodec.encode(frame)))
                .isEqualTo("04" + le(9) + le(2) + le(1) + le(0) + "22" + le(1) + le(2) + le(3) + le(5) + "01");
        ToMaster.Frame claims = new ToMaster.Frame(9, 2, 1, 0, new Request.Claims(List.of(CLAIM)));
        assertThat(HexFormat.of().formatHex(LeaseCodec.encode(claims)))
                .isEqualTo("04" + le(9) + le(2) + le(1) + le(0) + "24" + "0100" + le(1) + le(2) + le(3) + "0101" + le(5)
                        + "0000" + "0000");
        ToClient.Frame granted =
                new ToClient.Frame(9, 2, 1, 0, new Reply.Granted(FILE, DIRECTORY, Mode.WRITE, 5, List.of(3L)));
        assertThat(HexFormat.of().formatHex(LeaseCodec.encode(granted)))
                .isEqualTo("15" + le(9) + le(2) + le(1) + le(0) + "31" + le(1) + le(2) + le(3) + le(1) + le(2) + le(0)
                        + "02" + le(5) + "0100" + le(3));
    }

    private static String le(int v) {
        return String.format("%02x00000000000000", v);
    }

    @Test
    void refusesWhatIsCutOffOrGoesOn() {
        toMaster().map(LeaseCodec::encode).forEach(bytes -> {
            for (int n = 0; n < bytes.length; n++) {
                byte[] cut = Arrays.copyOf(bytes, n);
                assertThatThrownBy(() -> LeaseCodec.toMaster(cut)).isInstanceOf(LeaseCodec.MalformedException.class);
            }
            assertThatThrownBy(() -> LeaseCodec.toMaster(Arrays.copyOf(bytes, bytes.length + 1)))
                    .isInstanceOf(LeaseCodec.MalformedException.class);
        });
    }

    @Test
    void refusesAListThatIsLongerThanTheMessage() {
        byte[] bytes = LeaseCodec.encode(new ToMaster.Frame(9, 2, 1, 0, new Request.Claims(List.of(CLAIM))));
        bytes[bytes.length - 1] = (byte) 0xff;
        bytes[bytes.length - 2] = (byte) 0xff;
        assertThatThrownBy(() -> LeaseCodec.toMaster(bytes)).hasMessageContaining("a list of 65535 files");
    }

    @Test
    void garbageIsRefusedOrAMessage() {
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = new byte[random.nextInt(80)];
            random.nextBytes(bytes);
            try {
                assertThat(LeaseCodec.encode(LeaseCodec.toClient(bytes))).isEqualTo(bytes);
            } catch (LeaseCodec.MalformedException e) {
                assertThat(e).hasMessageStartingWith("malformed lease message: ");
            }
        }
    }
}
