package io.efc.master.internal;

import io.efc.base.Check;
import io.efc.rpc.RpcException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * An append-only file of commands and a snapshot to start from, in one directory:
 *
 * <pre>
 *   lock       held by the process that has the directory
 *   snapshot   one record whose index is that of the last command in it
 *   log        records with the indices after that
 *
 *   record:  magic (4) | length (4) | index (8) | CRC32C of the bytes (4) | CRC32C of the 20 above (4) | bytes
 * </pre>
 *
 * Numbers are little-endian. A command counts once its record is synced. What a crash can leave is a record at the very end that is
 * incomplete or has zeroes: it was never acknowledged and is cut off. Anything else that does not match is damage, and damage stops the master
 * instead of being guessed around: a wrong epoch would be worse than no master.
 *
 * <p>After {@value #COMMANDS_MAX} commands a new snapshot replaces the old one by rename, and the log starts again; a crash between the two
 * leaves records that the snapshot already has, which are skipped by their index.
 */
public final class FileCommandLog implements CommandLog {
    private static final Logger LOG = System.getLogger(FileCommandLog.class.getName());
    private static final int MAGIC = 0x4C434645;
    private static final int HEADER_BYTES = 24;
    private static final int HEADER_CRC_AT = 20;

    /** What a disk writes at once. */
    private static final int SECTOR_BYTES = 512;

    /** A command is far smaller; a snapshot with 10 000 members and sessions may have this much. */
    private static final int RECORD_BYTES_MAX = 64 << 20;

    /** After so many a snapshot is written: bounds the time of a start. */
    private static final int COMMANDS_MAX = 1000;

    private final Path directory;
    private final StateMachine machine;
    private final int commandsMax;
    private final FileChannel lockFile;
    private final RandomAccessFile log;
    private long index;
    private int commandsInLog;
    private boolean failed;
    private boolean closed;

    private FileCommandLog(Path directory, StateMachine machine, int commandsMax, FileChannel lockFile)
            throws IOException {
        this.directory = directory;
        this.machine = machine;
        this.commandsMax = commandsMax;
        this.lockFile = lockFile;
        Path snapshot = directory.resolve("snapshot");
        if (Files.exists(snapshot)) {
            readSnapshot(snapshot);
        }
        this.log = new RandomAccessFile(directory.resolve("log").toFile(), "rw");
        replay(directory.resolve("log"));
    }

    /**
     * Opens the directory, made if absent, and brings {@code machine} to the state that its commands lead to.
     *
     * @throws LogException if another process has it, or it is damaged
     */
    public static FileCommandLog open(Path directory, StateMachine machine) {
        return open(directory, machine, COMMANDS_MAX);
    }

    static FileCommandLog open(Path directory, StateMachine machine, int commandsMax) {
        try {
            Files.createDirectories(directory);
            FileChannel lockFile =
                    FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            try {
                if (tryLock(lockFile) == null) {
                    throw new LogException("state directory " + directory + " is in use by another master");
                }
                return new FileCommandLog(directory, machine, commandsMax, lockFile);
            } catch (IOException | RuntimeException e) {
                lockFile.close();
                throw e;
            }
        } catch (IOException e) {
            throw new LogException("cannot open the state directory " + directory, e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private void readSnapshot(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        byte[] state = record(bytes, in);
        if (state == null || in.hasRemaining()) {
            throw damage(file, 0, "the snapshot does not match its checksums");
        }
        index = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(8);
        try {
            machine.restore(state);
        } catch (RpcException e) {
            throw damage(file, 0, String.valueOf(e.getMessage()));
        }
    }

    private void replay(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            int start = in.position();
            byte[] command = record(bytes, in);
            if (command == null) {
                cutTail(file, bytes, start);
                return;
            }
            long at = in.getLong(start + 8);
            if (at > index + 1) {
                throw damage(file, start, "record " + at + " follows record " + index);
            }
            if (at == index + 1) {
                index = at;
                apply(file, start, command);
            }
            commandsInLog++;
        }
        log.seek(bytes.length);
    }

    private void apply(Path file, int start, byte[] command) {
        try {
            machine.apply(Command.decode(command));
        } catch (RpcException e) {
            throw damage(file, start, String.valueOf(e.getMessage()));
        }
    }

    /** The bytes of the record at the buffer's position, which moves behind it; null if it is incomplete or does not match. */
    private static byte @Nullable [] record(byte[] file, ByteBuffer in) {
        int start = in.position();
        if (in.remaining() < HEADER_BYTES
                || in.getInt(start) != MAGIC
                || in.getInt(start + HEADER_CRC_AT) != crc(file, start, HEADER_CRC_AT)) {
            return null;
        }
        int length = in.getInt(start + 4);
        if (length < 0 || length > in.remaining() - HEADER_BYTES) {
            return null;
        }
        if (in.getInt(start + 16) != crc(file, start + HEADER_BYTES, length)) {
            return null;
        }
        byte[] bytes = new byte[length];
        in.position(start + HEADER_BYTES).get(bytes);
        return bytes;
    }

    /** Cuts what a crash can have left at the end; throws if it cannot have been a crash. */
    private void cutTail(Path file, byte[] bytes, int start) throws IOException {
        if (!isTorn(bytes, start)) {
            throw damage(file, start, "a record does not match its checksums");
        }
        LOG.log(
                Level.WARNING,
                "{0}: cut {1} bytes of an unacknowledged record at {2}",
                file,
                bytes.length - start,
                start);
        log.setLength(start);
        log.getFD().sync();
        log.seek(start);
    }

    /**
     * What is left from {@code start} on may be the record that was being written when the power went: the file ends within it, or it has zeroes
     * from a sector's start to the end of the file. An intact header is believed, so a record that is all there is never taken for torn.
     */
    private static boolean isTorn(byte[] bytes, int start) {
        int left = bytes.length - start;
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        boolean endsEarly = left < HEADER_BYTES
                || (in.getInt(start) == MAGIC
                        && in.getInt(start + HEADER_CRC_AT) == crc(bytes, start, HEADER_CRC_AT)
                        && in.getInt(start + 4) > left - HEADER_BYTES);
        int zeroesFrom = bytes.length;
        while (zeroesFrom > start && bytes[zeroesFrom - 1] == 0) {
            zeroesFrom--;
        }
        int sector = Math.ceilDiv(zeroesFrom, SECTOR_BYTES) * SECTOR_BYTES;
        return endsEarly || zeroesFrom == start || sector < bytes.length;
    }

    private static LogException damage(Path file, int at, String what) {
        return new LogException(file + " is damaged at byte " + at + ": " + what
                + ". Restore the state directory from a copy, or remove it to begin with an empty ring:"
                + " clients and workers join again by themselves");
    }

    private static int crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    private static byte[] encode(long index, byte[] bytes) {
        Check.state(bytes.length <= RECORD_BYTES_MAX, "a record has %d bytes", bytes.length);
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(MAGIC)
                .putInt(bytes.length)
                .putLong(index)
                .putInt(crc(bytes, 0, bytes.length));
        out.putInt(crc(out.array(), 0, HEADER_CRC_AT)).put(bytes);
        return out.array();
    }

    @Override
    public synchronized StateMachine.Outcome submit(Command command) {
        Check.state(!closed, "the log is closed");
        if (failed) {
            throw new LogException("the log in " + directory + " failed before and takes no more commands");
        }
        try {
            if (commandsInLog >= commandsMax) {
                compact();
            }
            log.write(encode(index + 1, command.encode()));
            log.getFD().sync();
        } catch (IOException e) {
            failed = true;
            throw new LogException("cannot write the log in " + directory, e);
        }
        index++;
        commandsInLog++;
        return machine.apply(command);
    }

    /** Replaces the snapshot, then empties the log. */
    private void compact() throws IOException {
        Path fresh = directory.resolve("snapshot.new");
        try (RandomAccessFile out = new RandomAccessFile(fresh.toFile(), "rw")) {
            out.setLength(0);
            out.write(encode(index, machine.snapshot()));
            out.getFD().sync();
        }
        Files.move(fresh, directory.resolve("snapshot"), StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel d = FileChannel.open(directory, StandardOpenOption.READ)) {
            d.force(true);
        }
        log.setLength(0);
        log.seek(0);
        log.getFD().sync();
        commandsInLog = 0;
    }

    @Override
    public synchronized long index() {
        return index;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            log.close();
            lockFile.close();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "closing the log in " + directory, e);
        }
    }
}
