package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.base.Ticker;
import io.efc.fuse.FuseRequest;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Who calls: uid and gid come with the request, the supplementary groups from {@code /proc/<pid>/status}. They are remembered for two
 * seconds in a table of fixed size, so that a caller that keeps calling costs no system call and no allocation.
 */
final class Callers {
    private static final int SIZE = 1024;
    private static final long LIFE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final int STATUS_BYTES_MAX = 1 << 20;

    private record Known(int pid, Credentials credentials, long since) {}

    private final AtomicReferenceArray<@Nullable Known> table = new AtomicReferenceArray<>(SIZE);
    private final Ticker ticker;

    Callers(Ticker ticker) {
        this.ticker = ticker;
    }

    /** The credentials of the request's caller. */
    Credentials of(FuseRequest request) {
        int pid = request.pid();
        int uid = request.uid();
        int gid = request.gid();
        int slot = (pid * 31 + uid) * 31 + gid & SIZE - 1;
        Known k = table.get(slot);
        long now = ticker.nanos();
        if (k != null
                && k.pid == pid
                && k.credentials.uid() == uid
                && k.credentials.gid() == gid
                && now - k.since < LIFE_NANOS) {
            return k.credentials;
        }
        Credentials fresh = new Credentials(uid, gid, pid == 0 || uid == 0 ? new int[0] : groups(pid, gid));
        table.set(slot, new Known(pid, fresh, now));
        return fresh;
    }

    /** True if {@code pid} has been told to die: the only reason for which an operation is given up half way. */
    static boolean isKilled(int pid) {
        if (pid == 0) {
            return false;
        }
        long kill = 1L << 8;
        for (String line : status(pid).split("\n", -1)) {
            if (line.startsWith("SigPnd:") || line.startsWith("ShdPnd:")) {
                if ((Long.parseUnsignedLong(line.substring(7).strip(), 16) & kill) != 0) {
                    return true;
                }
            }
        }
        return false;
    }

    private static int[] groups(int pid, int gid) {
        for (String line : status(pid).split("\n", -1)) {
            if (line.startsWith("Groups:")) {
                String[] words = line.substring(7).strip().split(" ", -1);
                int[] all = new int[words.length];
                int n = 0;
                for (String word : words) {
                    int g = word.isEmpty() ? gid : Integer.parseUnsignedInt(word);
                    if (g != gid) {
                        all[n++] = g;
                    }
                }
                return java.util.Arrays.copyOf(all, n);
            }
        }
        return new int[0];
    }

    /** Not by a channel: an interrupted thread would close it. Empty if the process is gone. */
    private static String status(int pid) {
        try (FileInputStream in = new FileInputStream("/proc/" + pid + "/status")) {
            return new String(in.readNBytes(STATUS_BYTES_MAX), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            return "";
        }
    }
}
