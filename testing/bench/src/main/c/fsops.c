/*
 * The timed loops on a directory, an EFC mount or a local file system: the same work as nfsref does through libnfs.
 *
 *   fsops read FILE CHUNK                  the whole file once, CHUNK bytes a read
 *   fsops small DIR COUNT                  open, read and close DIR/f0 .. one after the other
 *   fsops stat DIR COUNT                   stat of DIR/f0 ..
 *   fsops list DIR                         what ls -l does: the names, and lstat of each
 *   fsops create|rename|unlink DIR COUNT   DIR/n0 .. (rename to m0 .., unlink of m0 ..)
 *   fsops fill DIR COUNT BYTES             makes DIR/f0 .. with BYTES bytes each (not timed for its own sake)
 *   fsops walk DIR                         everything below DIR: readdir, and lstat of each
 *   fsops touch . BYTES                    has the machine provide that much memory, and frees it
 *
 * Prints: operations bytes seconds cpu_seconds
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SMALL_BYTES_MAX 65536

static void die(const char *what)
{
    fprintf(stderr, "fsops: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static int open_directory(int at, const char *name)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY);
    if (fd < 0) {
        die(name);
    }
    return fd;
}

static void read_whole(const char *name, size_t chunk, uint64_t *operations, uint64_t *bytes)
{
    char *buffer = NULL;
    ssize_t n;
    int fd = open(name, O_RDONLY);
    if (fd < 0 || posix_memalign((void **)&buffer, 4096, chunk) != 0) {
        die(name);
    }
    while ((n = read(fd, buffer, chunk)) > 0) {
        *bytes += n;
        ++*operations;
    }
    if (n < 0 || close(fd) != 0) {
        die(name);
    }
    free(buffer);
}

static uint64_t list(int directory, int deep)
{
    uint64_t entries = 0;
    struct dirent *e;
    struct stat st;
    DIR *d = fdopendir(directory);
    if (d == NULL) {
        die("fdopendir");
    }
    while ((e = readdir(d)) != NULL) {
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")) {
            continue;
        }
        if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
            die(e->d_name);
        }
        entries++;
        if (deep && S_ISDIR(st.st_mode)) {
            entries += list(open_directory(dirfd(d), e->d_name), 1);
        }
    }
    closedir(d);
    return entries;
}

static void fill(int directory, uint64_t i, size_t size)
{
    static char buffer[SMALL_BYTES_MAX];
    char name[32];
    snprintf(name, sizeof name, "f%" PRIu64, i);
    int fd = openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0) {
        die(name);
    }
    memset(buffer, 'a' + i % 26, size);
    if ((size > 0 && write(fd, buffer, size) != (ssize_t)size) || close(fd) != 0) {
        die(name);
    }
}

static void one(const char *act, int directory, uint64_t i, uint64_t *bytes)
{
    static char buffer[SMALL_BYTES_MAX];
    char name[32], other[32];
    struct stat st;
    int fd = -1, failed;
    snprintf(name, sizeof name, "%c%" PRIu64,
             !strcmp(act, "small") || !strcmp(act, "stat") ? 'f' : !strcmp(act, "unlink") ? 'm' : 'n', i);
    if (!strcmp(act, "small")) {
        fd = openat(directory, name, O_RDONLY);
        ssize_t n = fd < 0 ? -1 : read(fd, buffer, sizeof buffer);
        *bytes += n > 0 ? n : 0;
        failed = n < 0 || close(fd) != 0;
    } else if (!strcmp(act, "stat")) {
        failed = fstatat(directory, name, &st, 0) != 0;
    } else if (!strcmp(act, "create")) {
        fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL, 0644);
        failed = fd < 0 || close(fd) != 0;
    } else if (!strcmp(act, "rename")) {
        snprintf(other, sizeof other, "m%" PRIu64, i);
        failed = renameat(directory, name, directory, other) != 0;
    } else {
        failed = unlinkat(directory, name, 0) != 0;
    }
    if (failed) {
        die(name);
    }
}

static void touch(size_t bytes)
{
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED || munmap(memory, bytes) != 0) {
        die("touch");
    }
}

int main(int argc, char **argv)
{
    uint64_t operations = 0, bytes = 0;
    if (argc < 3) {
        fprintf(stderr, "usage: fsops read|small|stat|list|create|rename|unlink|fill|walk|touch PATH …\n");
        return 2;
    }
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    if (!strcmp(argv[1], "read") && argc == 4) {
        read_whole(argv[2], strtoull(argv[3], NULL, 10), &operations, &bytes);
    } else if (!strcmp(argv[1], "list") || !strcmp(argv[1], "walk")) {
        operations = list(open_directory(AT_FDCWD, argv[2]), !strcmp(argv[1], "walk"));
    } else if (!strcmp(argv[1], "touch") && argc == 4) {
        touch(strtoull(argv[3], NULL, 10));
    } else if (argc >= 4) {
        int directory = open_directory(AT_FDCWD, argv[2]);
        int filling = !strcmp(argv[1], "fill") && argc == 5;
        uint64_t count = strtoull(argv[3], NULL, 10);
        for (; operations < count; operations++) {
            if (filling) {
                fill(directory, operations, strtoull(argv[4], NULL, 10));
            } else {
                one(argv[1], directory, operations, &bytes);
            }
        }
    } else {
        fprintf(stderr, "fsops: wrong number of arguments for %s\n", argv[1]);
        return 2;
    }
    wall = now(CLOCK_MONOTONIC) - wall;
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("%" PRIu64 " %" PRIu64 " %.6f %.6f\n", operations, bytes, wall, cpu);
    return 0;
}
