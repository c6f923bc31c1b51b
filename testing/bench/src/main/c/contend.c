/*
 * Appends lines to a file that others append to, and asks for its size, turn by turn, for some seconds.
 *
 *   contend FILE TAG SECONDS BEGIN   each line is "TAG NUMBER\n"; starts at BEGIN, seconds of the wall clock
 *
 * The size after a write has to include it: a smaller one is counted as stale.
 * Prints: lines sizes stale seconds
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what)
{
    fprintf(stderr, "contend: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    uint64_t lines = 0, sizes = 0, stale = 0;
    off_t written = 0, seen = 0;
    struct stat st;
    if (argc != 5) {
        fprintf(stderr, "usage: contend FILE TAG SECONDS BEGIN\n");
        return 2;
    }
    int fd = open(argv[1], O_WRONLY | O_APPEND);
    if (fd < 0) {
        die(argv[1]);
    }
    while (now(CLOCK_REALTIME) < atof(argv[4])) {
        usleep(1000);
    }
    double began = now(CLOCK_MONOTONIC), limit = atof(argv[3]), spent;
    do {
        char line[128];
        int n = snprintf(line, sizeof line, "%s %" PRIu64 "\n", argv[2], lines);
        if (write(fd, line, n) != n) {
            die("write");
        }
        lines++;
        written += n;
        if (stat(argv[1], &st) != 0) {
            die("stat");
        }
        sizes++;
        stale += st.st_size < written || st.st_size < seen + n;
        seen = st.st_size;
        spent = now(CLOCK_MONOTONIC) - began;
    } while (spent < limit);
    if (fsync(fd) != 0 || close(fd) != 0) {
        die("close");
    }
    printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %.6f\n", lines, sizes, stale, spent);
    return 0;
}
