package io.efc.cli.internal;

import io.efc.base.Errno;
import io.efc.base.FileCalls;
import io.efc.rpc.LeasesView;
import io.efc.rpc.MasterStub;
import io.efc.rpc.Role;
import io.efc.rpc.RpcException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the running master knows of leases, for people and for programs. */
final class LeaseReport {
    private static final Duration ASK_LIMIT = Duration.ofSeconds(5);

    private static final String ATTRIBUTE = "user.efc.lease";
    private static final int ATTRIBUTE_BYTES_MAX = 512;
    private static final int ATTRIBUTE_FIELDS = 6;

    /**
     * What a client says of a path.
     *
     * @param directory the group of the object
     * @param file the object in it
     * @param mode of the lease that the client holds over it
     * @param session of the client
     * @param token of that lease; 0: none
     */
    record Place(long directory, long file, String mode, long session, long token) {
        /** Reads {@code dataset group file mode session token}, of which the second, third and fifth are hexadecimal. */
        static Place parse(String text) {
            String[] fields = text.strip().split(" ", -1);
            if (fields.length != ATTRIBUTE_FIELDS) {
                throw new Failure("the client says '" + text + "' of a lease; accepted: " + ATTRIBUTE_FIELDS
                        + " fields; is it of another version than this command?");
            }
            return new Place(
                    Long.parseUnsignedLong(fields[1], 16),
                    Long.parseUnsignedLong(fields[2], 16),
                    fields[3].toLowerCase(java.util.Locale.ROOT),
                    Long.parseUnsignedLong(fields[4], 16),
                    Long.parseLong(fields[5]));
        }
    }

    private LeaseReport() {}

    /** Asks the master of the running cluster. */
    static LeasesView ask(RunDirectory run, LeasesView.Filter filter) {
        Masters masters = Masters.of(run, run.processes());
        Blueprint blueprint = Blueprint.running(run.manifest());
        try (MasterStub stub = MasterStub.connect(
                masters.address(),
                Secrets.read(run.secret()),
                Role.ADMIN,
                StoreOptions.number(blueprint.namespace() + "/" + blueprint.name()),
                "leases",
                r -> {})) {
            stub.awaitConnected(ASK_LIMIT);
            return stub.leases(filter);
        } catch (RpcException e) {
            throw masters.unanswered(run, e);
        }
    }

    /** Where a path's leases are, as the client of its mount says. Blocks until that client answers. */
    static Place place(Path path) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = arena.allocate(ATTRIBUTE_BYTES_MAX);
            long n = FileCalls.getxattr(
                    arena.allocateFrom(path.toAbsolutePath().toString()),
                    arena.allocateFrom(ATTRIBUTE),
                    text,
                    0,
                    ATTRIBUTE_BYTES_MAX);
            if (n == -Errno.ENOENT.code()) {
                throw new Failure("there is no " + path + "; accepted: an existing path of a mount");
            }
            if (n <= 0) {
                throw new Failure(path + " has no leases"
                        + (n == 0 ? "" : " (" + Errno.ofResult(n).text() + ")")
                        + "; accepted: a path of an EFC mount with consistency=strong");
            }
            return Place.parse(new String(
                    text.asSlice(0, n).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8));
        }
    }

    /** The rows for people. */
    static Table table(List<LeasesView.Row> rows, boolean wide) {
        Table table = wide
                ? new Table("CLIENT", "OBJECT", "MODE", "STATE", "TOKEN", "SESSION")
                : new Table("CLIENT", "OBJECT", "MODE", "STATE", "TOKEN");
        for (LeasesView.Row r : rows) {
            String token = r.token() == 0 ? "-" : Long.toString(r.token());
            if (wide) {
                table.row(r.client(), object(r), r.mode(), state(r), token, Long.toHexString(r.session()));
            } else {
                table.row(r.client(), object(r), r.mode(), state(r), token);
            }
        }
        return table;
    }

    /** What belongs below the table. */
    static String summary(LeasesView view) {
        return view.leases() + " leases, " + view.waiters() + " waiting, " + view.sessions() + " sessions"
                + (view.rows().size() < view.total()
                        ? "; the first " + view.rows().size() + " of " + view.total() + " are shown"
                        : "")
                + (view.inGrace() ? "; the master has just begun and waits for its clients to claim their leases" : "");
    }

    /** The fields for programs, in their order; sessions and objects in hexadecimal. */
    static Map<String, Object> result(LeasesView view) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (LeasesView.Row r : view.rows()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("client", r.client());
            row.put("session", Long.toHexString(r.session()));
            row.put("object", object(r));
            row.put("mode", r.mode());
            row.put("token", r.token());
            row.put("state", state(r));
            rows.add(row);
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("epoch", view.epoch());
        result.put("inGrace", view.inGrace());
        result.put("sessions", view.sessions());
        result.put("leases", view.leases());
        result.put("waiting", view.waiters());
        result.put("total", view.total());
        result.put("items", rows);
        return result;
    }

    /** {@code group/file}, or {@code group/*} for a lease of all that is in it. */
    static String object(LeasesView.Row row) {
        return object(row.directory(), row.file());
    }

    static String object(long directory, long file) {
        return Long.toHexString(directory) + "/" + (file == 0 ? "*" : Long.toHexString(file));
    }

    private static String state(LeasesView.Row row) {
        return row.token() == 0 ? "waits" : row.yielding() ? "yielding" : "held";
    }
}
