package io.efc.client.internal;

import io.efc.fuse.FuseFileSystem;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The open files and directories, by the numbers that the kernel uses for them, and the open inodes. */
final class OpenFiles {
    /** Open files of one mount; a process may have 1 Mi by default limits of distributions. */
    private static final int FILES_MAX = 1 << 20;

    private final Core core;
    private final ConcurrentHashMap<Long, OpenInode> inodes = new ConcurrentHashMap<>();
    private final HandleTable<FuseFile> files = new HandleTable<>(FILES_MAX);
    private final HandleTable<OpenDirectory> directories = new HandleTable<>(FILES_MAX);

    OpenFiles(Core core) {
        this.core = core;
    }

    /** The open inode of {@code nodeId}, made if it was not open; one more open counts. */
    OpenInode acquire(long nodeId) {
        OpenInode found = inodes.compute(nodeId, (id, present) -> {
            OpenInode inode = present;
            if (inode == null) {
                inode = new OpenInode(core, id);
                core.inodes.pin(id);
                core.inodes.set(id, InodeTable.OPEN, true);
            }
            inode.opens++;
            return inode;
        });
        return found;
    }

    /** One open less; the last one drops what was kept for the open inode. */
    void release(OpenInode inode) {
        inodes.computeIfPresent(inode.nodeId, (id, present) -> {
            if (--present.opens > 0) {
                return present;
            }
            core.chunks.drop(present);
            core.inodes.set(id, InodeTable.OPEN, false);
            core.inodes.unpin(id);
            return null;
        });
    }

    /** The open inode, or null if it is not open. Cheap for those that are not. */
    @Nullable
    OpenInode inode(long nodeId) {
        return core.inodes.has(nodeId, InodeTable.OPEN) ? inodes.get(nodeId) : null;
    }

    /** True if any file or directory is open. */
    boolean any() {
        return !inodes.isEmpty() || directories.size() > 0;
    }

    List<OpenInode> all() {
        return new ArrayList<>(inodes.values());
    }

    long add(FuseFile file) {
        return files.add(file);
    }

    FuseFile file(long fh) {
        return files.get(fh);
    }

    /** The open file that a request names, or null if it names none. */
    @Nullable
    FuseFile fileOrNull(long fh) {
        return fh == FuseFileSystem.NO_HANDLE ? null : files.get(fh);
    }

    FuseFile remove(long fh) {
        return files.remove(fh);
    }

    List<FuseFile> files() {
        return files.values();
    }

    int count() {
        return files.size();
    }

    long addDirectory(OpenDirectory directory) {
        return directories.add(directory);
    }

    OpenDirectory directory(long fh) {
        return directories.get(fh);
    }

    OpenDirectory removeDirectory(long fh) {
        return directories.remove(fh);
    }
}
