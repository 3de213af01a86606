/* A disk that can be made to fail, preloaded before a server. All of it by environment and control file:

   SHIM_SHADOW   folder: what is flushed is copied there; the rest is what a power cut takes away
   SHIM_CONTROL  file whose one word is read before each write and flush:
                 "full"  writes to the database fail with ENOSPC
                 "eio"   flushes fail with EIO
                 "die"   the process kills itself before the next flush
   SHIM_FLUSH    number N: the process kills itself at its Nth flush of the database

   Only files whose name holds ".db" are touched. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static long flushes;

static int ours(int fd, char *path, size_t room) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, room - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    char *base = strrchr(path, '/');
    return base && strstr(base, ".db") && !strstr(base, "-shm");
}

static char wish(void) {
    const char *control = getenv("SHIM_CONTROL");
    if (!control) return 0;
    static ssize_t (*plain_read)(int, void *, size_t);
    if (!plain_read) plain_read = dlsym(RTLD_NEXT, "read");
    int fd = open(control, O_RDONLY | O_CLOEXEC);
    char word = 0;
    if (fd >= 0) {
        if (plain_read(fd, &word, 1) != 1) word = 0;
        close(fd);
    }
    return word;
}

static void keep(int fd, const char *path) {
    const char *shadow = getenv("SHIM_SHADOW");
    if (!shadow) return;
    char target[1200], fresh[1210], block[1 << 16];
    snprintf(target, sizeof target, "%s/%s", shadow, strrchr(path, '/') + 1);
    snprintf(fresh, sizeof fresh, "%s.new", target);
    int to = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (to < 0) return;
    off_t place = 0;
    ssize_t got;
    while ((got = pread(fd, block, sizeof block, place)) > 0) {
        if (write(to, block, got) != got) break;
        place += got;
    }
    close(to);
    rename(fresh, target);
}

static int flush(int fd, int (*plain)(int)) {
    char path[1024];
    if (!ours(fd, path, sizeof path)) return plain(fd);
    const char *last = getenv("SHIM_FLUSH");
    char word = wish();
    if (word == 'd' || (last && ++flushes >= atol(last))) kill(getpid(), SIGKILL);
    if (word == 'e') {
        errno = EIO;
        return -1;
    }
    int answer = plain(fd);
    if (answer == 0) keep(fd, path);
    return answer;
}

int fsync(int fd) {
    static int (*plain)(int);
    if (!plain) plain = dlsym(RTLD_NEXT, "fsync");
    return flush(fd, plain);
}

int fdatasync(int fd) {
    static int (*plain)(int);
    if (!plain) plain = dlsym(RTLD_NEXT, "fdatasync");
    return flush(fd, plain);
}

static int full(int fd) {
    char path[1024];
    return wish() == 'f' && ours(fd, path, sizeof path);
}

ssize_t write(int fd, const void *from, size_t length) {
    static ssize_t (*plain)(int, const void *, size_t);
    if (!plain) plain = dlsym(RTLD_NEXT, "write");
    if (full(fd)) {
        errno = ENOSPC;
        return -1;
    }
    return plain(fd, from, length);
}

ssize_t pwrite64(int fd, const void *from, size_t length, off64_t place) {
    static ssize_t (*plain)(int, const void *, size_t, off64_t);
    if (!plain) plain = dlsym(RTLD_NEXT, "pwrite64");
    if (full(fd)) {
        errno = ENOSPC;
        return -1;
    }
    return plain(fd, from, length, place);
}

ssize_t pwrite(int fd, const void *from, size_t length, off_t place) { return pwrite64(fd, from, length, place); }
