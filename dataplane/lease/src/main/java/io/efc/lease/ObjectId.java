package io.efc.lease;

import io.efc.base.Check;

/**
 * The name of something that can be leased; the numbers mean nothing to the protocol. A whole dataset has neither directory nor file, a
 * directory has no file, and a file has the directory it is in.
 *
 * <p>A file with several links is in several directories, so no directory's lease can speak for it: it is named by {@link #linked}, without
 * a directory. Whoever makes the second link, or takes away the last but one, does it under a write lease, not a ticket, of the name that held
 * before.
 *
 * @param directory 0: none
 * @param file 0: none
 */
public record ObjectId(long dataset, long directory, long file) {
    /** A whole dataset. */
    public static ObjectId dataset(long dataset) {
        return new ObjectId(dataset, 0, 0);
    }

    /** A directory: its names, present and absent, its own attributes, and what its files hold unless they are excepted. */
    public static ObjectId directory(long dataset, long directory) {
        Check.argument(directory != 0, "a directory's id is not 0");
        return new ObjectId(dataset, directory, 0);
    }

    /** A file with one link: its attributes and data. */
    public static ObjectId file(long dataset, long directory, long file) {
        Check.argument(
                directory != 0 && file != 0, "neither a file's id (%d) nor its directory's (%d) is 0", file, directory);
        return new ObjectId(dataset, directory, file);
    }

    /** A file with several links. */
    public static ObjectId linked(long dataset, long file) {
        Check.argument(file != 0, "a file's id is not 0");
        return new ObjectId(dataset, 0, file);
    }

    public boolean isDataset() {
        return directory == 0 && file == 0;
    }

    public boolean isDirectory() {
        return directory != 0 && file == 0;
    }

    /** Whether a lease of {@link #parent} may cover this. */
    public boolean hasParent() {
        return directory != 0 && file != 0;
    }

    /** The directory of a file that {@link #hasParent}. */
    public ObjectId parent() {
        return new ObjectId(dataset, directory, 0);
    }

    @Override
    public String toString() {
        return dataset + ":" + directory + (file == 0 ? "/" : "/" + file);
    }
}
