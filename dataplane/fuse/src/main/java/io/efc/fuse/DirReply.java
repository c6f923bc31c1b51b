package io.efc.fuse;

import org.jspecify.annotations.Nullable;

/** The entries of READDIR or READDIRPLUS, appended until the kernel's buffer is full. */
public interface DirReply {
    /**
     * Appends an entry.
     *
     * @param type the d_type: file type bits of the mode shifted right by 12
     * @param cookie what READDIR passes to go on after this entry; not 0
     * @return false if there is no more room: the entry is not in the reply
     */
    boolean add(byte[] name, long ino, int type, long cookie);

    /**
     * Appends an entry to a READDIRPLUS; the caller then fills in the result. One whose node id is left 0 is only a name; any other counts
     * one nlookup, except {@code .} and {@code ..}.
     *
     * @return null if there is no more room
     */
    @Nullable
    EntryReply addPlus(byte[] name, long ino, int type, long cookie);
}
