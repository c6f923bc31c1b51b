package io.efc.client.internal;

import io.efc.base.Errno;
import io.efc.base.Metrics;
import io.efc.client.ClientConfig;
import io.efc.fuse.AttrReply;
import io.efc.fuse.CreateArgs;
import io.efc.fuse.DataReply;
import io.efc.fuse.EntryReply;
import io.efc.fuse.FuseFileSystem;
import io.efc.fuse.FuseName;
import io.efc.fuse.FuseNegotiated;
import io.efc.fuse.FuseNotifier;
import io.efc.fuse.FuseRequest;
import io.efc.fuse.OpenReply;
import io.efc.fuse.WriteArgs;
import io.efc.fuse.WriteReply;
import io.efc.lease.LeaseConfig;
import io.efc.store.StoreConfig;
import io.efc.store.StoreException;
import io.efc.store.StoreFeature;
import io.efc.store.UnderStore;
import io.efc.store.internal.local.LocalStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Calls a client's file system as the FUSE server does, without a mount; its store is a local directory whose calls can be made to fail. */
final class Kernel implements AutoCloseable {
    /** Stands before a call of the store. */
    interface Fault {
        /** May throw a {@link StoreException}, wait, or just look. */
        void before(Object[] arguments) throws Exception;
    }

    private static final int PID = (int) ProcessHandle.current().pid();

    private final Path home;
    private final Set<StoreFeature> lacking;
    private final Map<String, Fault> faults = new ConcurrentHashMap<>();
    private final Client client;
    private final FuseFileSystem fs;
    private final Metrics metrics = new Metrics();

    Kernel(Path home) throws IOException {
        this(home, EnumSet.noneOf(StoreFeature.class));
    }

    /** @param lacking what the store says it does not have */
    Kernel(Path home, Set<StoreFeature> lacking) throws IOException {
        this.home = home;
        this.lacking = lacking;
        Files.createDirectories(home.resolve("store"));
        ClientConfig d = ClientConfig.of(
                Path.of("/nowhere"), "test", new StoreConfig("x", Map.of(), false), home.resolve("state"));
        Duration hour = Duration.ofHours(1);
        ClientConfig config = new ClientConfig(
                d.mountPoint(),
                d.dataset(),
                1,
                d.mounts(),
                d.fuse(),
                new ClientConfig.Validity(hour, hour, hour),
                d.readahead(),
                new ClientConfig.Writeback(io.efc.base.ByteSize.ofMiB(4), 2),
                d.nodeCache(),
                d.stateDirectory(),
                10_000,
                d.cluster());
        client = Client.open(
                config,
                metrics,
                new Client.Sources(
                        c -> faulty(),
                        c -> {
                            throw new IllegalStateException("no cluster");
                        },
                        new InProcessMaster(LeaseConfig.of(Set.of()), 0)));
        fs = client.fileSystem();
        fs.start(new FuseNegotiated(45, 0, 1 << 20, 1 << 20, 256, 64), stub(FuseNotifier.class, (m, a) -> null));
    }

    private UnderStore faulty() {
        LocalStore store = new LocalStore(home.resolve("store"));
        return stub(UnderStore.class, (method, arguments) -> {
            Fault fault = faults.get(method.getName());
            if (fault != null) {
                fault.before(arguments);
            }
            if (method.getName().equals("features")) {
                EnumSet<StoreFeature> features = EnumSet.copyOf(store.features());
                features.removeAll(lacking);
                return features;
            }
            return method.invoke(store, arguments);
        });
    }

    private interface Answer {
        @Nullable
        Object to(Method method, Object[] arguments) throws Exception;
    }

    private static <T> T stub(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(Kernel.class.getClassLoader(), new Class<?>[] {type}, (p, m, a) -> {
            try {
                return answer.to(m, a == null ? new Object[0] : a);
            } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
            }
        }));
    }

    /** Has {@code fault} stand before every call of {@code method}; null takes it away. */
    void fault(String method, @Nullable Fault fault) {
        if (fault == null) {
            faults.remove(method);
        } else {
            faults.put(method, fault);
        }
    }

    /** A fault that fails with {@code errno} as often as told. */
    static Fault failing(Errno errno, int times) {
        int[] left = {times};
        return a -> {
            if (left[0]-- > 0) {
                throw new StoreException(errno, "injected");
            }
        };
    }

    Path store() {
        return home.resolve("store");
    }

    /** The sum of a counter's series. */
    double metric(String name) {
        StringBuilder text = new StringBuilder();
        metrics.writePrometheus(text);
        double sum = 0;
        for (String line : text.toString().split("\n", -1)) {
            if (line.startsWith(name + " ") || line.startsWith(name + "{")) {
                sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
            }
        }
        return sum;
    }

    /** An answer whose setters' arguments are remembered under their names. */
    private static final class Recorded {
        final Map<String, Object> values = new HashMap<>();

        <T> T as(Class<T> type) {
            return stub(type, (m, a) -> {
                if (a.length == 0) {
                    return as(m.getReturnType());
                }
                values.put(m.getName(), a[0]);
                return m.getReturnType() == void.class ? null : as(m.getReturnType());
            });
        }

        long number(String name) {
            return values.get(name) instanceof Number n ? n.longValue() : 0;
        }
    }

    private static FuseName name(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return stub(FuseName.class, (m, a) -> switch (m.getName()) {
            case "length" -> bytes.length;
            case "toBytes" -> bytes;
            case "hash64" -> Hash.of(bytes, 0);
            case "copyTo" -> {
                MemorySegment.copy(bytes, 0, (MemorySegment) a[0], ValueLayout.JAVA_BYTE, (Long) a[1], bytes.length);
                yield null;
            }
            case "contentEquals" ->
                a.length == 1
                        ? Arrays.equals(bytes, (byte[]) a[0])
                        : Arrays.equals(
                                bytes,
                                ((MemorySegment) a[0])
                                        .asSlice((Long) a[1], bytes.length)
                                        .toArray(ValueLayout.JAVA_BYTE));
            default -> throw new IllegalStateException(m.getName());
        });
    }

    private static FuseRequest request(@Nullable MemorySegment data) {
        return stub(FuseRequest.class, (m, a) -> switch (m.getName()) {
            case "pid" -> PID;
            case "uid", "gid" -> 0;
            case "data" -> data;
            case "dataOffset" -> 0L;
            case "interrupted" -> Thread.currentThread().isInterrupted();
            default -> 0L;
        });
    }

    private static void demand(Errno errno) {
        if (!errno.isOk()) {
            throw new StoreException(errno, "the file system");
        }
    }

    /** An open file. */
    record File(long nodeId, long fh) {}

    /** Creates and opens a file in the root. */
    File create(String name, int flags) {
        return create(1, name, flags);
    }

    File create(long parent, String name, int flags) {
        Recorded entry = new Recorded();
        Recorded open = new Recorded();
        CreateArgs args = stub(CreateArgs.class, (m, a) -> switch (m.getName()) {
            case "flags" -> flags;
            case "mode" -> 0100644;
            case "umask" -> 0;
            default -> false;
        });
        demand(fs.create(
                request(null), parent, name(name), args, entry.as(EntryReply.class), open.as(OpenReply.class)));
        return new File(entry.number("nodeId"), open.number("handle"));
    }

    /** The node of a name in the root, 0 if there is none. */
    long lookup(String name) {
        return lookup(1, name);
    }

    long lookup(long parent, String name) {
        Recorded entry = new Recorded();
        Errno errno = fs.lookup(request(null), parent, name(name), entry.as(EntryReply.class));
        if (errno == Errno.ENOENT) {
            return 0;
        }
        demand(errno);
        return entry.number("nodeId");
    }

    /** Takes one lookup of the node back. */
    void forget(long nodeId) {
        fs.forget(nodeId, 1);
    }

    File open(String name, int flags) {
        long nodeId = lookup(name);
        Recorded open = new Recorded();
        demand(fs.open(request(null), nodeId, flags, false, open.as(OpenReply.class)));
        return new File(nodeId, open.number("handle"));
    }

    Errno write(File file, long offset, byte[] data) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, data);
            WriteArgs args = stub(WriteArgs.class, (m, a) -> switch (m.getName()) {
                case "offset" -> offset;
                case "size" -> data.length;
                case "flags" -> 2;
                case "lockOwner" -> 0L;
                default -> false;
            });
            return fs.write(request(bytes), file.nodeId, file.fh, args, new Recorded().as(WriteReply.class));
        }
    }

    /** What a read answers. */
    byte[] read(File file, long offset, int size) {
        Room room = new Room(size);
        demand(fs.read(request(null), file.nodeId, file.fh, offset, size, room));
        return room.take();
    }

    /** A reply of bytes. */
    private static final class Room implements DataReply {
        private final MemorySegment buffer;
        private final List<byte[]> pieces = new ArrayList<>();
        private int length;
        private @Nullable Runnable release;

        Room(int size) {
            buffer = Arena.ofAuto().allocate(size);
        }

        @Override
        public MemorySegment buffer() {
            return buffer;
        }

        @Override
        public long bufferOffset() {
            return 0;
        }

        @Override
        public void length(int bytes) {
            length = bytes;
        }

        @Override
        public void add(MemorySegment segment, long offset, int bytes) {
            pieces.add(segment.asSlice(offset, bytes).toArray(ValueLayout.JAVA_BYTE));
        }

        @Override
        public void onWritten(Runnable action) {
            release = action;
        }

        byte[] take() {
            if (release != null) {
                release.run();
            }
            if (pieces.isEmpty()) {
                return buffer.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
            }
            byte[] all = new byte[pieces.stream().mapToInt(p -> p.length).sum()];
            int at = 0;
            for (byte[] p : pieces) {
                System.arraycopy(p, 0, all, at, p.length);
                at += p.length;
            }
            return all;
        }
    }

    long size(File file) {
        Recorded attr = new Recorded();
        demand(fs.getattr(request(null), file.nodeId, file.fh, attr.as(AttrReply.class)));
        return attr.number("size");
    }

    Errno flush(File file) {
        return fs.flush(request(null), file.nodeId, file.fh, 1);
    }

    Errno fsync(File file) {
        return fs.fsync(request(null), file.nodeId, file.fh, false);
    }

    void release(File file) {
        fs.release(request(null), file.nodeId, file.fh, 0, 1, false);
    }

    Errno rename(String from, String to) {
        return fs.rename(request(null), 1, name(from), 1, name(to), 0);
    }

    Errno unlink(String name) {
        return unlink(1, name);
    }

    Errno unlink(long parent, String name) {
        return fs.unlink(request(null), parent, name(name));
    }

    /** Makes a directory in the root; its node. */
    long mkdir(String name) {
        Recorded entry = new Recorded();
        demand(fs.mkdir(request(null), 1, name(name), 0755, 0, entry.as(EntryReply.class)));
        return entry.number("nodeId");
    }

    Errno rmdir(String name) {
        return fs.rmdir(request(null), 1, name(name));
    }

    @Override
    public void close() {
        faults.clear();
        fs.stop();
        client.close();
    }
}
