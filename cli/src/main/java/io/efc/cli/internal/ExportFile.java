package io.efc.cli.internal;

import io.efc.base.Credentials;
import io.efc.store.Access;
import io.efc.store.Durability;
import io.efc.store.FileHandle;
import io.efc.store.Opened;
import io.efc.store.StoreConfig;
import io.efc.store.StoreException;
import io.efc.store.Stores;
import io.efc.store.UnderStore;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A new file of the export, written without any mount or worker knowing. */
interface ExportFile extends AutoCloseable {
    /** The bytes that the export has room for. */
    long room() throws IOException;

    /** Writes what is left in {@code bytes}, a direct buffer, at {@code position}. */
    void write(ByteBuffer bytes, long position) throws IOException;

    /** What was written is on stable storage afterwards. */
    void sync() throws IOException;

    /** Removes the file. */
    @Override
    void close();

    /** A file in the directory behind the export. */
    static ExportFile in(Path directory, String name) {
        return new InDirectory(directory.resolve(name));
    }

    /** A file that a connection of its own to the store writes, where the export's directory is out of reach. */
    static ExportFile at(StoreConfig store, String name) {
        return new AtStore(Stores.open(store), name.getBytes(StandardCharsets.UTF_8));
    }

    /** See {@link #in}. */
    final class InDirectory implements ExportFile {
        private final Path file;
        private final FileChannel channel;

        private InDirectory(Path file) {
            this.file = file;
            try {
                channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            } catch (IOException e) {
                throw new Failure("the file " + file + " cannot be made: " + e.getMessage(), e);
            }
        }

        @Override
        public long room() throws IOException {
            return Files.getFileStore(file).getUsableSpace();
        }

        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            while (bytes.hasRemaining()) {
                position += channel.write(bytes, position);
            }
        }

        @Override
        public void sync() throws IOException {
            channel.force(true);
        }

        @Override
        public void close() {
            try (channel) {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new Failure("the file " + file + " cannot be removed: " + e.getMessage(), e);
            }
        }
    }

    /** See {@link #at}. */
    final class AtStore implements ExportFile {
        private final UnderStore store;
        private final byte[] name;
        private final FileHandle root;
        private final Opened opened;

        private AtStore(UnderStore store, byte[] name) {
            this.store = store;
            this.name = name;
            root = store.root().handle();
            opened = store.create(Credentials.ROOT, root, name, 0644, Access.WRITE, true, false);
        }

        @Override
        public long room() {
            return store.statfs(Credentials.ROOT, root).bytesAvailable();
        }

        @Override
        public void write(ByteBuffer bytes, long position) {
            int length = bytes.remaining();
            store.write(
                    Credentials.ROOT,
                    opened.file(),
                    position,
                    MemorySegment.ofBuffer(bytes),
                    0,
                    length,
                    Durability.UNSTABLE);
        }

        @Override
        public void sync() {
            store.commit(Credentials.ROOT, opened.file());
        }

        @Override
        public void close() {
            try (store) {
                store.close(opened.file());
                store.unlink(Credentials.ROOT, root, name);
            } catch (StoreException e) {
                throw new Failure(
                        "the file " + new String(name, StandardCharsets.UTF_8) + " of " + store.location()
                                + " cannot be removed: " + e.getMessage(),
                        e);
            }
        }
    }
}
