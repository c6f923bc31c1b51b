package io.efc.testing.e2e.faults;

/** What real programs do on a mount, as shell scripts with {@code $M}, the mount, and {@code $W}, a local directory. */
final class Scripts {
    private Scripts() {}

    static final String FIO = """
            cd "$W"
            fio --name=mixed --directory="$M" --rw=randrw --bs=4k-64k --size=32m --numjobs=2 --ioengine=psync \\
              --verify=crc32c --verify_fatal=1 --do_verify=1 --group_reporting
            fio --name=direct --directory="$M" --rw=randwrite --bs=8k --size=16m --ioengine=libaio --iodepth=8 --direct=1 \\
              --verify=crc32c --verify_fatal=1 --do_verify=1
            rm "$M"/mixed.* "$M"/direct.*
            echo fio is content
            """;

    /** A repository of many small commits is made, cloned into the mount, checked, packed, and a program built from it there. */
    static final String GIT = """
            git init -q "$W/origin"; cd "$W/origin"
            git config user.name n; git config user.email n@example.com; git config gc.auto 0
            for i in $(seq 60); do
              mkdir -p "dir$((i % 7))"
              printf '#include <stdio.h>\\nint f%d(void){return %d;}\\n' $i $i > "dir$((i % 7))/f$i.c"
              git add .; git commit -qm "number $i"
            done
            git clone -q --no-hardlinks "$W/origin" "$M/clone"; cd "$M/clone"
            git fsck --full --strict 2>&1
            git config user.name n; git config user.email n@example.com
            git checkout -q -b topic; git rm -q dir0/f7.c; git commit -qm less; git gc -q; git fsck --full 2>&1
            test -z "$(git status --porcelain)"
            printf 'int f60(void); int main(void){return f60() == 60 ? 0 : 1;}\\n' > main.c
            gcc -o program main.c dir*/*.c; ./program
            cd /; rm -r "$M/clone"
            echo git is content
            """;

    /** Four writers at once, each insertion a process of its own. */
    static final String SQLITE = """
            sqlite3 "$M/db" "pragma journal_mode=wal; create table t(a integer primary key, b text);"
            for i in 1 2 3 4; do
              (for j in $(seq 30); do sqlite3 -cmd ".timeout 60000" "$M/db" "insert into t(b) values('p$i-$j')"; done) &
            done
            wait
            sqlite3 "$M/db" "pragma integrity_check; select count(*) from t;"
            rm "$M"/db*
            """;

    /**
     * Hard links, symbolic links, a FIFO, modes, owners, times; attributes where the mount has them. The FIFO is old, since rsync lets the time
     * of one that it makes within the same second be.
     */
    static final String RSYNC = """
            mkdir -p "$W/tree/a/b"; cd "$W/tree"
            for i in $(seq 200); do head -c $((i * 97)) /dev/urandom > "a/b/file$i"; done
            ln a/b/file1 a/hard; ln -s b/file2 a/link; mkfifo a/fifo; chmod 4751 a/b/file3; chown 1234:4321 a/b/file4
            touch -d 2001-02-03T04:05:06.123456 a/b/file5 a/fifo; truncate -s 1M a/sparse
            touch "$M/probe"; X=''
            if setfattr -n user.probe -v 1 "$M/probe" 2>/dev/null; then setfattr -n user.a -v b a/b/file6; X=X; fi
            rm "$M/probe"
            rsync -aHA$X --sparse "$W/tree/" "$M/tree/"
            rsync -aHA$X --sparse "$M/tree/" "$W/back/"
            list() { (cd "$1"; find . -type f | sort | xargs sha256sum; find . ! -type d ! -type l -printf '%P %m %U %G %n %s %T@\\n' | sort); }
            diff <(list "$W/tree") <(list "$M/tree")
            diff <(list "$W/tree") <(list "$W/back")
            test "$(readlink "$W/back/a/link")" = b/file2
            rm -r "$M/tree"
            echo the copies are alike
            """;
}
