package io.efc.client.internal;

import io.efc.base.Credentials;
import io.efc.store.DirEntry;
import io.efc.store.FileHandle;
import io.efc.store.StoreEntry;
import io.efc.store.UnderStore;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Which store each part of the dataset's tree is in. Node ids carry the number of their {@link Part}; with several mounts part 0 is the
 * synthetic root.
 */
final class Namespace implements AutoCloseable {
    /**
     * A store within the tree.
     *
     * @param mount which of the dataset's mounts it is; -1 for the synthetic root
     */
    record Part(int number, int mount, String path, UnderStore store) {}

    /** A file and the part that it is in. */
    record Located(Part part, StoreEntry entry) {}

    private final List<Part> parts;
    private final TreeMap<String, Part> byPath = new TreeMap<>();

    /** {@code paths} and {@code stores} belong together; the stores are closed with this. */
    Namespace(List<String> paths, List<UnderStore> stores, long nowNanos) {
        List<Part> all = new ArrayList<>();
        boolean single = paths.size() == 1 && paths.getFirst().equals("/");
        if (!single) {
            all.add(new Part(0, -1, "/", new SyntheticRoot(paths, nowNanos)));
        }
        for (int i = 0; i < paths.size(); i++) {
            Part part = new Part(all.size(), i, paths.get(i), stores.get(i));
            all.add(part);
            if (!single) {
                byPath.put(part.path, part);
            }
        }
        parts = List.copyOf(all);
    }

    List<Part> parts() {
        return parts;
    }

    Part part(int number) {
        return parts.get(number);
    }

    UnderStore store(int number) {
        return parts.get(number).store;
    }

    /** Finds a name, going over to another part where it is a mount. */
    Located lookup(Credentials caller, Part part, FileHandle directory, byte[] name) {
        if (part.store instanceof SyntheticRoot root) {
            Part mounted = byPath.get(root.pathOf(directory, name));
            if (mounted != null) {
                return new Located(mounted, mounted.store.root());
            }
        }
        return new Located(part, part.store.lookup(caller, directory, name));
    }

    /** The inode number that a directory entry of {@code part} shows. */
    long number(Part part, FileHandle directory, DirEntry entry) {
        if (part.store instanceof SyntheticRoot root) {
            Part mounted = byPath.get(root.pathOf(directory, entry.name()));
            if (mounted != null) {
                return Inodes.number(mounted.number, mounted.store.root().attr().fileId());
            }
        }
        return Inodes.number(part.number, entry.fileId());
    }

    @Override
    public void close() {
        RuntimeException first = null;
        for (Part part : parts) {
            try {
                part.store.close();
            } catch (RuntimeException e) {
                first = first == null ? e : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
