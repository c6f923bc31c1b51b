/*
 * The reference that EFC is measured against: the same work done through libnfs, in one process with one connection.
 *
 *   nfsref URL read FILE CHUNK INFLIGHT         the whole file once, INFLIGHT reads of CHUNK bytes at a time
 *   nfsref URL random FILE COUNT INFLIGHT SEED  COUNT reads of 4 KiB at random places
 *   nfsref URL small DIR COUNT                  open, read and close DIR/f0 .. one after the other
 *   nfsref URL stat DIR COUNT                   stat of DIR/f0 ..
 *   nfsref URL list DIR                         the directory with attributes
 *   nfsref URL create|rename|unlink DIR COUNT   DIR/n0 .. (rename to m0 .., unlink of m0 ..)
 *
 * URL is libnfs's: nfs://HOST/EXPORT?version=3&nfsport=P&mountport=M. Prints: operations bytes seconds cpu_seconds
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <nfsc/libnfs.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#define INFLIGHT_MAX 256
#define PATH_BYTES 4096

static struct nfs_context *nfs;

static void die(const char *what)
{
    fprintf(stderr, "nfsref: %s: %s\n", what, nfs ? nfs_get_error(nfs) : strerror(errno));
    exit(1);
}

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* Reads with a bounded number in flight. */
struct stream {
    struct nfsfh *file;
    uint64_t size, next, chunk, left; /* left: reads that may still be started */
    uint64_t bytes, operations;
    int in_flight, random;
    uint64_t state;
};

static uint64_t draw(struct stream *s)
{
    s->state ^= s->state << 13;
    s->state ^= s->state >> 7;
    s->state ^= s->state << 17;
    return s->state;
}

static void start(struct stream *s);

static void on_read(int result, struct nfs_context *context, void *data, void *private)
{
    struct stream *s = private;
    (void)context;
    (void)data;
    if (result < 0) {
        die("read");
    }
    s->bytes += result;
    s->operations++;
    s->in_flight--;
    start(s);
}

static void start(struct stream *s)
{
    if (s->left == 0) {
        return;
    }
    uint64_t at = s->random ? draw(s) % (s->size / s->chunk) * s->chunk : s->next;
    uint64_t count = s->size - at < s->chunk ? s->size - at : s->chunk;
    s->next += s->chunk;
    s->left--;
    s->in_flight++;
    if (nfs_pread_async(nfs, s->file, at, count, on_read, s) != 0) {
        die("pread");
    }
}

static void run(struct stream *s, int in_flight)
{
    for (int i = 0; i < in_flight; i++) {
        start(s);
    }
    while (s->in_flight > 0) {
        struct pollfd p = {.fd = nfs_get_fd(nfs), .events = nfs_which_events(nfs)};
        if (poll(&p, 1, 10000) < 0) {
            die("poll");
        }
        if (nfs_service(nfs, p.revents) < 0) {
            die("service");
        }
    }
}

static void reads(char **argv, int random, uint64_t *operations, uint64_t *bytes)
{
    struct stream s = {.random = random, .state = 88172645463325252ULL};
    struct nfs_stat_64 st;
    int in_flight = atoi(argv[5]);
    if (nfs_stat64(nfs, argv[3], &st) != 0 || nfs_open(nfs, argv[3], O_RDONLY, &s.file) != 0) {
        die(argv[3]);
    }
    s.size = st.nfs_size;
    s.chunk = random ? 4096 : strtoull(argv[4], NULL, 10);
    s.left = random ? strtoull(argv[4], NULL, 10) : (s.size + s.chunk - 1) / s.chunk;
    if (random) {
        s.state ^= strtoull(argv[6], NULL, 10) * 0x9e3779b97f4a7c15ULL;
    }
    if (in_flight < 1 || in_flight > INFLIGHT_MAX) {
        in_flight = 1;
    }
    run(&s, in_flight);
    nfs_close(nfs, s.file);
    *operations = s.operations;
    *bytes = s.bytes;
}

static void one(const char *act, const char *directory, uint64_t i, uint64_t *bytes)
{
    char path[PATH_BYTES], other[PATH_BYTES], buffer[65536];
    struct nfsfh *file;
    struct nfs_stat_64 st;
    int failed;
    snprintf(path, sizeof path, "%s/%c%" PRIu64, directory,
             !strcmp(act, "small") || !strcmp(act, "stat") ? 'f' : !strcmp(act, "unlink") ? 'm' : 'n', i);
    if (!strcmp(act, "small")) {
        if (nfs_open(nfs, path, O_RDONLY, &file) != 0) {
            die(path);
        }
        int n = nfs_read(nfs, file, sizeof buffer, buffer);
        failed = n < 0 || nfs_close(nfs, file) != 0;
        *bytes += n > 0 ? n : 0;
    } else if (!strcmp(act, "stat")) {
        failed = nfs_stat64(nfs, path, &st) != 0;
    } else if (!strcmp(act, "create")) {
        failed = nfs_creat(nfs, path, 0644, &file) != 0 || nfs_close(nfs, file) != 0;
    } else if (!strcmp(act, "rename")) {
        snprintf(other, sizeof other, "%s/m%" PRIu64, directory, i);
        failed = nfs_rename(nfs, path, other) != 0;
    } else {
        failed = nfs_unlink(nfs, path) != 0;
    }
    if (failed) {
        die(path);
    }
}

static uint64_t list(const char *directory)
{
    struct nfsdir *d;
    uint64_t n = 0;
    if (nfs_opendir(nfs, directory, &d) != 0) {
        die(directory);
    }
    while (nfs_readdir(nfs, d) != NULL) {
        n++;
    }
    nfs_closedir(nfs, d);
    return n;
}

int main(int argc, char **argv)
{
    uint64_t operations = 0, bytes = 0;
    if (argc < 4) {
        fprintf(stderr, "usage: nfsref URL read|random|small|stat|list|create|rename|unlink PATH …\n");
        return 2;
    }
    nfs = nfs_init_context();
    struct nfs_url *url = nfs_parse_url_dir(nfs, argv[1]);
    if (url == NULL || nfs_mount(nfs, url->server, url->path) != 0) {
        die(argv[1]);
    }
    double wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    if (!strcmp(argv[2], "read") && argc == 6) {
        reads(argv, 0, &operations, &bytes);
    } else if (!strcmp(argv[2], "random") && argc == 7) {
        reads(argv, 1, &operations, &bytes);
    } else if (!strcmp(argv[2], "list")) {
        operations = list(argv[3]);
    } else if (argc == 5) {
        for (; operations < strtoull(argv[4], NULL, 10); operations++) {
            one(argv[2], argv[3], operations, &bytes);
        }
    } else {
        fprintf(stderr, "nfsref: wrong number of arguments for %s\n", argv[2]);
        return 2;
    }
    wall = now(CLOCK_MONOTONIC) - wall;
    cpu = now(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("%" PRIu64 " %" PRIu64 " %.6f %.6f\n", operations, bytes, wall, cpu);
    nfs_umount(nfs);
    nfs_destroy_context(nfs);
    return 0;
}
