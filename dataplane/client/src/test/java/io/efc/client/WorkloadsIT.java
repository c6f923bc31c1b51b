package io.efc.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people run on a file system, in each way of mounting it. */
@Tag("slow")
@Timeout(240)
class WorkloadsIT {
    private static void sh(Path directory, String script) throws IOException, InterruptedException {
        Served.run("bash", "-euc", "cd \"$0\"; " + script, directory.toString());
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"writeback=false", "writeback=true", "silly=true", "strong=0"})
    void fioFindsWhatItWrote(String option) throws Exception {
        try (Served s = Served.mount(option)) {
            String common =
                    "fio --minimal --directory=. --verify=crc32c --verify_fatal=1 --size=24m --group_reporting ";
            sh(s.mountPoint(), common + "--name=seq --rw=write --bs=128k");
            sh(s.mountPoint(), common + "--name=random --rw=randwrite --bs=4k --numjobs=2 --ioengine=psync");
            sh(s.mountPoint(), common + "--name=mixed --rw=randrw --bsrange=512-64k --bs_unaligned --ioengine=psync");
            sh(s.mountPoint(), common + "--name=mapped --rw=randwrite --bs=4k --ioengine=mmap");
            sh(s.mountPoint(), common + "--name=aio --rw=randwrite --bs=16k --ioengine=libaio --iodepth=8 --direct=1");
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"writeback=false", "writeback=true", "silly=true", "strong=0"})
    void sqliteKeepsItsDataInWalMode(String option) throws Exception {
        try (Served s = Served.mount(option)) {
            sh(s.mountPoint(), """
                    sqlite3 db 'pragma journal_mode=wal; create table t(a integer primary key, b text);'
                    for i in 1 2 3; do
                      (for j in $(seq 1 40); do
                         sqlite3 -cmd '.timeout 20000' db "insert into t(b) values(hex(randomblob(500)));"
                       done) &
                    done
                    for p in $(jobs -p); do wait $p; done
                    [ "$(sqlite3 db 'select count(*) from t')" = 120 ]
                    [ "$(sqlite3 db 'pragma integrity_check')" = ok ]
                    sqlite3 db 'pragma wal_checkpoint(truncate); pragma journal_mode=delete;'
                    """);
            assertThat(Served.run(
                            "sqlite3",
                            s.store().resolve("db").toString(),
                            "pragma integrity_check; select count(*) from t"))
                    .isEqualTo("ok\n120\n");
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"writeback=false", "writeback=true", "silly=true", "strong=0"})
    void gitClonesCommitsAndChecksItself(String option) throws Exception {
        try (Served s = Served.mount(option)) {
            sh(s.mountPoint(), """
                    export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
                    git init -q one; cd one; git config user.email a@b; git config user.name n
                    for i in $(seq 1 200); do mkdir -p d$((i % 7)); seq 1 $i > d$((i % 7))/f$i; done
                    git add -A; git commit -qm first
                    for i in $(seq 1 50); do echo more >> d$((i % 7))/f$i; done
                    git commit -qam second; git gc -q; git fsck --strict; [ -z "$(git status --porcelain)" ]
                    cd ..; git clone -q one two; cd two; git fsck; git log --oneline | wc -l | grep -qx 2
                    diff -r --exclude=.git ../one .
                    """);
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"writeback=false", "writeback=true", "silly=true", "strong=0"})
    void rsyncBringsATreeThereAndBack(String option) throws Exception {
        Path source = Files.createTempDirectory(Path.of("/tmp"), "efc-client-rsync-");
        try (Served s = Served.mount(option)) {
            sh(source, """
                    mkdir -p a/b/c; for i in $(seq 1 60); do head -c $((i * 997)) /dev/urandom > a/f$i; done
                    head -c 5000000 /dev/urandom > a/b/big; truncate -s 3M a/b/hole; echo x >> a/b/hole
                    ln a/f1 a/b/hard; ln -s ../f2 a/b/soft; ln -s nowhere a/dangling; mkfifo a/fifo
                    chmod 4711 a/f3; chmod 1777 a/b; chown 1234:4321 a/f4; setfattr -n user.note -v hello a/f5 || true
                    touch -d '2001-02-03 04:05:06.789' a/f6 a/b/c; touch "a/name with  spaces" $'a/\\xff\\xfe'
                    """);
            sh(
                    s.mountPoint(),
                    "rsync -aHAXS --delete " + source + "/ ./copy/; rsync -aHAXS ./copy/ " + source + ".back/;"
                            + " [ -z \"$(rsync -aHAXSni --checksum --delete " + source + "/ " + source + ".back/)\" ];"
                            + " [ -z \"$(rsync -aHAXSni --checksum --delete " + source + "/ " + s.store()
                            + "/copy/)\" ]");
        } finally {
            Served.run("rm", "-rf", source.toString(), source + ".back");
        }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"writeback=false", "writeback=true"})
    void mappedWritersAndReadersShareBytes(String option) throws Exception {
        try (Served s = Served.mount(option)) {
            sh(s.mountPoint(), """
                    cat > /dev/null; python3 - <<'END'
                    import mmap, os, random
                    size = 4 << 20
                    fd = os.open("mapped", os.O_RDWR | os.O_CREAT)
                    os.ftruncate(fd, size)
                    shared = mmap.mmap(fd, size)
                    other = os.open("mapped", os.O_RDWR)
                    rnd = random.Random(8)
                    model = bytearray(size)
                    for i in range(2000):
                        at = rnd.randrange(size - 5000); n = rnd.randrange(1, 5000); data = rnd.randbytes(n)
                        model[at:at + n] = data
                        if i % 3 == 0:
                            os.pwrite(other, data, at)
                        else:
                            shared[at:at + n] = data
                        at = rnd.randrange(size - 5000)
                        if i % 2 == 0:
                            assert shared[at:at + 5000] == model[at:at + 5000], i
                        else:
                            assert os.pread(other, 5000, at) == model[at:at + 5000], i
                    shared.flush(); os.fsync(fd); shared.close(); os.close(fd); os.close(other)
                    open("model", "wb").write(model)
                    END
                    cmp mapped model
                    """);
            Served.run(
                    "cmp",
                    s.store().resolve("mapped").toString(),
                    s.store().resolve("model").toString());
        }
    }
}
