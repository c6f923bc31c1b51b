package io.efc.cli.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps two commands from changing one run directory at a time. Goes with its process. */
final class RunLock implements AutoCloseable {
    private final FileChannel channel;

    private RunLock(FileChannel channel) {
        this.channel = channel;
    }

    /** Takes it, or refuses because another command has it. */
    static RunLock take(RunDirectory run) {
        Path file = run.root().resolve("lock");
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!locked(channel)) {
                channel.close();
                throw new Failure(
                        "another efc command is changing " + run.root() + " at this moment; wait for it to end");
            }
            return new RunLock(channel);
        } catch (IOException e) {
            throw new Failure("the lock " + file + " cannot be taken: " + e.getMessage(), e);
        }
    }

    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new Failure("the lock cannot be given back: " + e.getMessage(), e);
        }
    }
}
