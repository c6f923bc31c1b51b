package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.base.Errno;
import io.efc.store.Access;
import io.efc.store.DirEntry;
import io.efc.store.DirPage;
import io.efc.store.Durability;
import io.efc.store.FileHandle;
import io.efc.store.FileLock;
import io.efc.store.FileType;
import io.efc.store.Made;
import io.efc.store.OpenFile;
import io.efc.store.Opened;
import io.efc.store.ReadResult;
import io.efc.store.Renamed;
import io.efc.store.SetAttr;
import io.efc.store.StoreAttr;
import io.efc.store.StoreEntry;
import io.efc.store.StoreException;
import io.efc.store.StoreFeature;
import io.efc.store.StoreStatfs;
import io.efc.store.UnderStore;
import io.efc.store.WriteResult;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The read-only directories above a dataset's mounts when there are several: a store without files, whose handles are paths. Where a name
 * is a mount, {@link Namespace} goes over to that mount's store.
 */
final class SyntheticRoot implements UnderStore {
    private static final int MODE = 0040555;

    /** Path of each directory → its names, in order. */
    private final Map<String, List<String>> directories = new TreeMap<>();

    private final long madeAt;

    /** Directories that lead to {@code paths}, made at {@code madeAt} (nanoseconds since the epoch). */
    SyntheticRoot(List<String> paths, long madeAt) {
        this.madeAt = madeAt;
        directories.put("", new ArrayList<>());
        for (String path : paths) {
            String parent = "";
            for (String name : path.substring(1).split("/", -1)) {
                List<String> names = directories.computeIfAbsent(parent, p -> new ArrayList<>());
                if (!names.contains(name)) {
                    names.add(name);
                }
                parent = parent + "/" + name;
            }
        }
    }

    private static FileHandle handleOf(String path) {
        return new FileHandle(("/" + Long.toHexString(Hash.of(path.getBytes(StandardCharsets.UTF_8), 0)))
                .getBytes(StandardCharsets.US_ASCII));
    }

    private String path(FileHandle handle) {
        for (String path : directories.keySet()) {
            if (handleOf(path).equals(handle)) {
                return path;
            }
        }
        throw new StoreException(Errno.ESTALE, "directory " + handle);
    }

    /** The dataset path of a name in one of these directories. */
    String pathOf(FileHandle directory, byte[] name) {
        return path(directory) + "/" + new String(name, StandardCharsets.UTF_8);
    }

    private List<String> names(String path) {
        List<String> names = directories.get(path);
        if (names == null) {
            throw new StoreException(Errno.ENOENT, path);
        }
        return names;
    }

    private StoreEntry entry(String path) {
        List<String> names = names(path);
        long fileId = Hash.of(path.getBytes(StandardCharsets.UTF_8), 1) >>> 1;
        StoreAttr attr =
                new StoreAttr(fileId, 0, MODE, 2 + names.size(), 0, 0, 0, 0, 0, madeAt, madeAt, madeAt, madeAt);
        return new StoreEntry(handleOf(path), attr);
    }

    @Override
    public Set<StoreFeature> features() {
        return Set.of();
    }

    @Override
    public String location() {
        return "the root of the dataset";
    }

    @Override
    public int readBytesMax() {
        return 1 << 20;
    }

    @Override
    public int writeBytesMax() {
        return 1 << 20;
    }

    @Override
    public StoreEntry root() {
        return entry("");
    }

    @Override
    public StoreAttr getattr(Credentials caller, FileHandle file) {
        return entry(path(file)).attr();
    }

    @Override
    public StoreEntry lookup(Credentials caller, FileHandle directory, byte[] name) {
        return entry(pathOf(directory, name));
    }

    @Override
    public int access(Credentials caller, FileHandle file, int mask) {
        return mask & 5;
    }

    @Override
    public DirPage readdir(
            Credentials caller, FileHandle directory, long cookie, long verifier, int entriesMax, boolean plus) {
        List<String> names = names(path(directory));
        List<DirEntry> page = new ArrayList<>();
        int i = (int) Math.min(cookie == 0 ? 0 : cookie - 2, names.size());
        for (; i < names.size() && page.size() < entriesMax; i++) {
            byte[] name = names.get(i).getBytes(StandardCharsets.UTF_8);
            long fileId = Hash.of(pathOf(directory, name).getBytes(StandardCharsets.UTF_8), 1) >>> 1;
            page.add(new DirEntry(name, fileId, FileType.DIRECTORY, i + 3L, null));
        }
        return new DirPage(page, 0, i == names.size());
    }

    @Override
    public StoreStatfs statfs(Credentials caller, FileHandle file) {
        return new StoreStatfs(0, 0, 0, directories.size(), 0, 255);
    }

    @Override
    public byte[] listxattr(Credentials caller, FileHandle file) {
        return new byte[0];
    }

    @Override
    public byte[] getxattr(Credentials caller, FileHandle file, byte[] name) {
        throw new StoreException(Errno.ENODATA, location() + ": " + Arrays.toString(name));
    }

    @Override
    public void close() {}

    private StoreException refused() {
        return new StoreException(Errno.EROFS, location());
    }

    private StoreException noFile() {
        return new StoreException(Errno.EISDIR, location());
    }

    @Override
    public StoreAttr setattr(Credentials caller, FileHandle file, @Nullable OpenFile open, SetAttr change) {
        throw refused();
    }

    @Override
    public byte[] readlink(Credentials caller, FileHandle link) {
        throw new StoreException(Errno.EINVAL, location());
    }

    @Override
    public Made mkdir(Credentials caller, FileHandle directory, byte[] name, int mode) {
        throw refused();
    }

    @Override
    public Made symlink(Credentials caller, FileHandle directory, byte[] name, byte[] target) {
        throw refused();
    }

    @Override
    public Made mknod(Credentials caller, FileHandle directory, byte[] name, int mode, long rdev) {
        throw refused();
    }

    @Override
    public Made link(Credentials caller, FileHandle file, FileHandle directory, byte[] name) {
        throw refused();
    }

    @Override
    public @Nullable StoreAttr unlink(Credentials caller, FileHandle directory, byte[] name) {
        throw refused();
    }

    @Override
    public @Nullable StoreAttr rmdir(Credentials caller, FileHandle directory, byte[] name) {
        throw refused();
    }

    @Override
    public Renamed rename(Credentials caller, FileHandle from, byte[] name, FileHandle to, byte[] newName, int flags) {
        throw refused();
    }

    @Override
    public Opened open(Credentials caller, FileHandle file, Access access, boolean truncate) {
        throw noFile();
    }

    @Override
    public Opened create(
            Credentials caller,
            FileHandle directory,
            byte[] name,
            int mode,
            Access access,
            boolean exclusive,
            boolean truncate) {
        throw refused();
    }

    @Override
    public Opened createUnnamed(Credentials caller, FileHandle directory, int mode, Access access) {
        throw refused();
    }

    @Override
    public void close(OpenFile file) {
        throw noFile();
    }

    @Override
    public ReadResult read(
            Credentials caller, OpenFile file, long position, MemorySegment to, long toOffset, int length) {
        throw noFile();
    }

    @Override
    public ReadResult read(
            Credentials caller, FileHandle file, long position, MemorySegment to, long toOffset, int length) {
        throw noFile();
    }

    @Override
    public WriteResult write(
            Credentials caller,
            OpenFile file,
            long position,
            MemorySegment from,
            long fromOffset,
            int length,
            Durability durability) {
        throw noFile();
    }

    @Override
    public StoreAttr commit(Credentials caller, OpenFile file) {
        throw noFile();
    }

    @Override
    public void setxattr(Credentials caller, FileHandle file, byte[] name, byte[] value, int flags) {
        throw refused();
    }

    @Override
    public void removexattr(Credentials caller, FileHandle file, byte[] name) {
        throw refused();
    }

    @Override
    public @Nullable FileLock testLock(Credentials caller, OpenFile file, FileLock lock) {
        throw noFile();
    }

    @Override
    public void lock(Credentials caller, OpenFile file, FileLock lock, boolean wait) {
        throw noFile();
    }

    @Override
    public void unlock(Credentials caller, OpenFile file, FileLock lock) {
        throw noFile();
    }

    @Override
    public long seek(Credentials caller, OpenFile file, long position, int whence) {
        throw noFile();
    }

    @Override
    public void allocate(Credentials caller, OpenFile file, long position, long length, int mode) {
        throw noFile();
    }

    @Override
    public long copy(Credentials caller, OpenFile from, long fromPosition, OpenFile to, long toPosition, long length) {
        throw noFile();
    }
}
