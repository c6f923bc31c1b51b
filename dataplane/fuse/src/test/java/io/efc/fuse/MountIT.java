package io.efc.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What programs see of a real mount whose server is another process. */
class MountIT {
    private static final Path FOLDER = ServerProcess.freshFolder("mount");
    private static final Path MOUNT = FOLDER.resolve("m");

    @SuppressWarnings("NullAway.Init")
    private static ServerProcess server;

    @BeforeAll
    static void mount() throws IOException {
        Files.createDirectory(MOUNT);
        server = new ServerProcess("mount", MOUNT.toString());
        assertThat(server.greeting()).isEqualTo("READY");
    }

    @AfterAll
    static void end() throws Exception {
        server.close();
        ServerProcess.cleanUp(FOLDER);
    }

    private static String sh(String command) {
        ServerProcess.Result r = ServerProcess.shell(MOUNT, command);
        assertThat(r.exit()).as(command + "\n" + r.output()).isZero();
        return r.output();
    }

    private static String fails(String command) {
        ServerProcess.Result r = ServerProcess.shell(MOUNT, command);
        assertThat(r.exit()).as(command + "\n" + r.output()).isNotZero();
        return r.output();
    }

    @Test
    void showsItselfInTheMountTable() {
        assertThat(sh("grep ' " + MOUNT + " ' /proc/mounts"))
                .contains("memory ")
                .contains(" fuse.efc rw,nosuid,nodev")
                .contains("allow_other")
                .contains("default_permissions")
                .contains("max_read=1048576");
        assertThat(sh("cat /sys/class/bdi/$(mountpoint -d .)/read_ahead_kb")).isEqualTo("1024");
        assertThat(server.ask("where")).isEqualTo(MOUNT.toString());
    }

    @Test
    void writesAndReadsFiles() {
        sh(
                "head -c 5000000 /dev/urandom > /tmp/efc-fuse-src-$$ && cp /tmp/efc-fuse-src-$$ f1 && cmp f1 /tmp/efc-fuse-src-$$;"
                        + " r=$?; rm /tmp/efc-fuse-src-$$; exit $r");
        sh("printf abc > f2 && printf def >> f2 && test $(cat f2) = abcdef");
        sh("truncate -s 4 f2 && test $(cat f2) = abcd && truncate -s 6 f2 && test $(stat -c %s f2) = 6");
        sh(
                "dd if=/dev/zero of=f3 bs=1M count=3 oflag=direct status=none && dd if=f3 of=/dev/null iflag=direct bs=1M status=none"
                        + " && test $(stat -c %s f3) = 3145728");
        sh("printf xyz > f2; test $(cat f2) = xyz");
    }

    @Test
    void keepsTheTree() {
        sh("mkdir -p t/a/b && echo 1 > t/a/b/f && mv t/a/b/f t/g && rmdir t/a/b t/a && test $(cat t/g) = 1");
        assertThat(fails("rmdir t")).contains("not empty");
        sh("echo 2 > t/h && mv t/h t/g && test $(cat t/g) = 2 && test ! -e t/h");
        sh("ln t/g t/hard && test $(stat -c %h t/g) = 2 && rm t/g && test $(cat t/hard) = 2");
        sh("ln -s hard t/soft && test $(readlink t/soft) = hard && test $(cat t/soft) = 2");
        sh("mkfifo t/fifo && test -p t/fifo && mknod t/null c 1 3 && test $(stat -c %t:%T t/null) = 1:3");
        assertThat(
                        sh(
                                "mkdir t/many && cd t/many && touch $(seq 1 3000) && ls | wc -l && ls -l | wc -l && rm -r ../many"))
                .isEqualTo("3000\n3001");
    }

    @Test
    void swapsAndProtectsNamesWithRenameFlags() {
        String renameat2 = """
                import ctypes,sys,os
                l=ctypes.CDLL(None,use_errno=True)
                r=l.renameat2(-100,sys.argv[1].encode(),-100,sys.argv[2].encode(),int(sys.argv[3]))
                print(r, os.strerror(ctypes.get_errno()) if r else '')
                """;
        sh("cat > r.py <<'X'\n" + renameat2 + "X\n");
        sh("echo 1 > r1; echo 2 > r2");
        assertThat(sh("python3 r.py r1 r2 1")).contains("-1 File exists");
        assertThat(sh("python3 r.py r1 r2 2; cat r1 r2")).isEqualTo("0 \n2\n1");
        assertThat(sh("python3 r.py r1 r2 4")).contains("-1 Invalid argument");
    }

    @Test
    void keepsModesOwnersAndTimes() {
        sh(
                "touch p && chmod 4750 p && chown 12:34 p && test $(stat -c %a:%u:%g p) = 750:12:34 -o $(stat -c %a:%u:%g p) = 4750:12:34");
        sh("touch -d '2001-02-03 04:05:06.123456789 UTC' p && test $(stat -c %Y p) = 981173106");
        assertThat(sh("stat -c %y p")).contains(".123456789");
        sh("touch -d '1969-12-31 23:59:59.5 UTC' p && test $(stat -c %.1Y p) = -0.5");
        assertThat(sh("stat -c %w p")).as("birth time").startsWith("20");
        sh("umask 077; touch q; test $(stat -c %a q) = 600");
    }

    @Test
    void checksPermissionsInTheKernel() {
        sh("echo secret > s && chmod 600 s");
        assertThat(fails("setpriv --reuid 65534 --regid 65534 --clear-groups cat s"))
                .contains("Permission denied");
        sh("chmod 644 s && test $(setpriv --reuid 65534 --regid 65534 --clear-groups cat s) = secret");
    }

    @Test
    void stripsSetUidOnWrite() {
        sh(
                "echo 1 > suid && chmod 6755 suid && chmod o+w suid"
                        + " && setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all bash -c 'echo 2 >> suid'");
        server.ok("inval-attr suid");
        assertThat(sh("stat -c %a suid")).isEqualTo("757");
    }

    @Test
    void keepsExtendedAttributes() {
        sh("touch x && setfattr -n user.a -v one x && setfattr -n user.b -v two x");
        assertThat(sh("getfattr -d x")).contains("user.a=\"one\"").contains("user.b=\"two\"");
        assertThat(sh("getfattr -n user.a --only-values x")).isEqualTo("one");
        sh("setfattr -x user.a x");
        assertThat(fails("getfattr -n user.a x")).contains("No such attribute");
        sh(
                "python3 -c \"import os; os.setxattr('x','user.big',b'v'*60000); assert os.getxattr('x','user.big')==b'v'*60000\"");
    }

    @Test
    void reservesPunchesSeeksAndCopies() {
        sh("fallocate -l 8192 a1 && test $(stat -c %s a1) = 8192");
        sh(
                "yes | head -c 8192 > a1 && fallocate -p -o 0 -l 4096 a1 && cmp -n 4096 a1 /dev/zero && test $(stat -c %s a1) = 8192");
        assertThat(
                        sh(
                                "python3 -c \"import os; f=os.open('a1',0); print(os.lseek(f,0,os.SEEK_DATA), os.lseek(f,0,os.SEEK_HOLE))\""))
                .isEqualTo("0 8192");
        sh(
                "python3 -c \"import os; f=os.open('a1',0); t=os.open('a2',os.O_CREAT|os.O_RDWR); assert os.copy_file_range(f,t,8000,100,50)==8000\"");
        sh("cmp -n 8000 <(tail -c +101 a1) <(tail -c +51 a2)");
        assertThat(Integer.parseInt(server.ask("requests copy_file_range_64"))
                        + Integer.parseInt(server.ask("requests copy_file_range")))
                .isPositive();
    }

    @Test
    void makesUnnamedFiles() {
        assertThat(sh("python3 -c \"import os; f=os.open('.',os.O_TMPFILE|os.O_RDWR,0o600); os.write(f,b'hi');"
                        + " os.link('/proc/self/fd/%d'%f,'named',src_dir_fd=f,follow_symlinks=True)\"; cat named"))
                .isEqualTo("hi");
        assertThat(Integer.parseInt(server.ask("requests tmpfile"))).isPositive();
    }

    @Test
    void mapsFilesShared() throws IOException {
        Path file = MOUNT.resolve("mapped");
        try (FileChannel c = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            var map = c.map(FileChannel.MapMode.READ_WRITE, 0, 1 << 20);
            for (int i = 0; i < 1 << 20; i += 4096) {
                map.putInt(i, i);
            }
            map.force();
        }
        try (FileChannel c = FileChannel.open(file, StandardOpenOption.READ)) {
            var map = c.map(FileChannel.MapMode.READ_ONLY, 0, 1 << 20);
            for (int i = 0; i < 1 << 20; i += 4096) {
                assertThat(map.getInt(i)).isEqualTo(i);
            }
        }
        assertThat(sh("od -An -tu4 --endian=big -j 4096 -N 4 mapped").strip()).isEqualTo("4096");
    }

    @Test
    void locksBetweenProcesses() throws Exception {
        sh("touch lock");
        Process holder = ServerProcess.start(MOUNT, "exec flock lock bash -c 'echo held; read x < /dev/stdin'");
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("held");
            assertThat(ServerProcess.shell(MOUNT, "flock -n lock true").exit()).isEqualTo(1);
            Process waiter = ServerProcess.start(MOUNT, "exec flock lock echo got");
            awaitGauge("efc_fuse_lock_waiters", "1");
            assertThat(waiter.isAlive()).isTrue();
            holder.outputWriter().append("\n").flush();
            assertThat(waiter.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(ServerProcess.read(waiter)).isEqualTo("got");
        } finally {
            holder.destroyForcibly();
        }
        assertThat(sh("python3 -c \"import fcntl,os; f=open('lock','w'); fcntl.lockf(f,fcntl.LOCK_EX,10,5);"
                        + " p=os.fork()\nif p==0:\n g=open('lock','w')\n try:\n  fcntl.lockf(g,fcntl.LOCK_EX|fcntl.LOCK_NB,1,14)\n"
                        + "  print('both')\n except BlockingIOError: print('refused')\nelse: os.wait()\""))
                .isEqualTo("refused");
    }

    private static void awaitGauge(String name, String value) throws InterruptedException {
        for (int i = 0; i < 2000 && !server.ask("gauge " + name).equals(value); i++) {
            Thread.sleep(10);
        }
        assertThat(server.ask("gauge " + name)).isEqualTo(value);
    }

    @Test
    void endsABlockedLockWhenItsProcessGetsASignal() throws Exception {
        sh("touch sig");
        Process holder = ServerProcess.start(MOUNT, "exec flock sig bash -c 'echo held; sleep 50'");
        try {
            assertThat(holder.inputReader().readLine()).isEqualTo("held");
            Process waiter = new ProcessBuilder("flock", MOUNT.resolve("sig").toString(), "true").start();
            awaitGauge("efc_fuse_lock_waiters", "1");
            new ProcessBuilder("kill", "-INT", Long.toString(waiter.pid()))
                    .start()
                    .waitFor();
            // The holder sleeps for longer.
            assertThat(waiter.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(waiter.exitValue()).isNotZero();
            awaitGauge("efc_fuse_lock_waiters", "0");
            assertThat(ServerProcess.shell(MOUNT, "flock -n sig true").exit())
                    .as("still held")
                    .isEqualTo(1);
        } finally {
            holder.destroyForcibly();
            holder.descendants().forEach(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void endsASlowRequestWhenItsProcessIsKilled() throws Exception {
        server.ok("put slowfile 0123456789");
        server.ok("slow 30000");
        try {
            Process reader =
                    new ProcessBuilder("sync", MOUNT.resolve("slowfile").toString()).start();
            awaitGauge("efc_fuse_in_flight", "1");
            new ProcessBuilder("kill", "-KILL", Long.toString(reader.pid()))
                    .start()
                    .waitFor();
            awaitGauge("efc_fuse_in_flight", "0");
        } finally {
            server.ok("slow 0");
        }
        assertThat(sh("cat slowfile")).isEqualTo("0123456789");
    }

    /** Each has a file of its own: the kernel lets one process at a time sync a file. */
    @Test
    void killsMoreProcessesThanThereAreReaders() throws Exception {
        List<Process> stuck = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            server.ok("put stuck" + i + " 0123456789");
        }
        server.ok("slow 60000");
        try {
            for (int i = 0; i < 24; i++) {
                stuck.add(new ProcessBuilder("sync", MOUNT.resolve("stuck" + i).toString()).start());
            }
            awaitGauge("efc_fuse_in_flight", "16");
            awaitGauge("efc_fuse_deferred", "8");
            for (Process p : stuck) {
                p.destroyForcibly();
            }
            for (Process p : stuck) {
                assertThat(p.waitFor(10, TimeUnit.SECONDS)).isTrue();
            }
            awaitGauge("efc_fuse_in_flight", "0");
            awaitGauge("efc_fuse_deferred", "0");
        } finally {
            server.ok("slow 0");
            stuck.forEach(Process::destroyForcibly);
        }
        assertThat(sh("cat stuck0 stuck23")).isEqualTo("01234567890123456789");
    }

    @Test
    @Tag("slow")
    void readsManyFilesFromManyProcesses() {
        sh(
                "mkdir par && cd par && for i in $(seq 1 8); do (for j in $(seq 1 50); do echo $i-$j > f$i-$j; done) & done; wait"
                        + "; test $(cat f* | sort | uniq | wc -l) = 400");
        assertThat(sh("cat data data data | sha256sum"))
                .isEqualTo(sh("sha256sum <(cat data data data) | cut -d' ' -f1") + "  -");
    }

    @Test
    void dropsStaleCachesWhenNotified() {
        server.ok("put stale one");
        assertThat(sh("cat stale")).isEqualTo("one");
        server.ok("put stale two");
        assertThat(sh("cat stale")).as("cached for ever").isEqualTo("one");
        server.ok("inval-inode stale");
        assertThat(sh("cat stale")).isEqualTo("two");

        server.ok("put stale longer");
        assertThat(sh("stat -c %s stale")).isEqualTo("3");
        server.ok("inval-attr stale");
        assertThat(sh("stat -c %s stale")).isEqualTo("6");

        server.ok("put name 1");
        assertThat(sh("cat name")).isEqualTo("1");
        server.ok("move name newname");
        sh("test -e name");
        server.ok("inval-entry name");
        assertThat(fails("cat name")).contains("No such file");

        sh("test -e newname");
        server.ok("move newname name2");
        sh("test -e newname");
        server.ok("expire newname");
        assertThat(fails("cat newname")).contains("No such file");

        sh("test -e name2");
        server.ok("move name2 name3");
        sh("test -e name2");
        server.ok("epoch");
        assertThat(fails("cat name2")).contains("No such file");
    }

    @Test
    void fillsThePageCacheWhenNotified() {
        server.ok("put pushed 0000");
        sh("test $(stat -c %s pushed) = 4");
        server.ok("store pushed abcd");
        String before = server.ask("requests read");
        assertThat(sh("cat pushed")).isEqualTo("abcd");
        assertThat(server.ask("requests read")).isEqualTo(before);
    }

    @Test
    void passesReadsAndWritesThrough() throws IOException {
        Path backing = FOLDER.resolve("backing");
        Files.writeString(backing, "from the backing file");
        server.ok("put thru " + "x".repeat(21));
        server.ok("keep false");
        server.ok("backing thru " + backing);
        String before = server.ask("requests read");
        assertThat(sh("cat thru")).isEqualTo("from the backing file");
        sh("printf FROM | dd of=thru conv=notrunc status=none");
        assertThat(Files.readString(backing, StandardCharsets.UTF_8)).isEqualTo("FROM the backing file");
        assertThat(server.ask("requests read")).isEqualTo(before);
        assertThat(server.ask("unbacking thru")).isEqualTo("OK");
        server.ok("keep true");
        assertThat(sh("cat thru")).isEqualTo("x".repeat(21));
    }

    @Test
    void forgetsInodesThatTheKernelDrops() {
        sh("mkdir forget && cd forget && touch $(seq 1 500) && cd .. && rm -r forget");
        assertThat(Long.parseLong(server.ask("requests forget")) + Long.parseLong(server.ask("requests batch_forget")))
                .isPositive();
    }
}
