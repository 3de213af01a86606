/* A disk and a clock that can be made to fail, preloaded before a server:

   SHIM_CONTROL  file of 16 bytes that every process maps. Its first letter is what is wrong with the disk:
                 f  writes fail with ENOSPC             w  only those of the log (-wal) do
                 r  writes and flushes fail with EROFS  e  flushes fail with EIO
                 d  the process kills itself before its next flush
                 Its second half is a whole number: so many milliseconds the machine's clock was set forward.
   SHIM_UNDO     folder: what every write since the last flush has overwritten stands there, for a power cut
   SHIM_FLUSH    number N: the process kills itself at its Nth flush
   SHIM_WRITE    number N: the process kills itself at its Nth write

   Only files whose name holds ".db" are touched, of these all but the shared memory. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct control { char wish; char rest[7]; int64_t ahead; };
struct record { char magic[8]; int64_t kind, place, length, size, held; }; /* then `held` bytes of before */
#define MAGIC "undo\x17\x0b\x1c\x01"
enum { WRITTEN, FLUSHED };

static long flushes, writes;
static struct control nothing;
static volatile struct control *control;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static struct { char name[128]; int fd; } undos[8];

static volatile struct control *asked(void) {
    if (control) return control;
    const char *path = getenv("SHIM_CONTROL");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof nothing, PROT_READ, MAP_SHARED, fd, 0);
    if (fd >= 0) close(fd);
    control = map == MAP_FAILED ? &nothing : map;
    return control;
}

/* The name of the file behind fd if it is the database or its log, otherwise NULL. */
static const char *ours(int fd, char *path, size_t room) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, room - 1);
    if (length <= 0) return NULL;
    path[length] = 0;
    char *base = strrchr(path, '/');
    return base && strstr(base, ".db") && !strstr(base, "-shm") ? base + 1 : NULL;
}

static void count(long *done, const char *setting) {
    const char *last = getenv(setting);
    if (last && ++*done >= atol(last)) kill(getpid(), SIGKILL);
}

/* The file where this one's past is kept, -1 where nobody asked for it. */
static int undo_of(const char *name) {
    const char *folder = getenv("SHIM_UNDO");
    if (!folder) return -1;
    for (int n = 0; n < 8; n++) {
        if (!undos[n].name[0]) {
            char path[1200];
            snprintf(path, sizeof path, "%s/%s.undo", folder, name);
            undos[n].fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
            snprintf(undos[n].name, sizeof undos[n].name, "%s", name);
        }
        if (!strcmp(undos[n].name, name)) return undos[n].fd;
    }
    return -1;
}

static ssize_t plain_write(int fd, const void *from, size_t length) {
    static ssize_t (*plain)(int, const void *, size_t);
    if (!plain) plain = dlsym(RTLD_NEXT, "write");
    return plain(fd, from, length);
}

static void note(int undo, struct record *head, const char *before) {
    static char block[(1 << 17) + sizeof *head];
    memcpy(head->magic, MAGIC, 8);
    memcpy(block, head, sizeof *head);
    if (head->held) memcpy(block + sizeof *head, before, head->held);
    if (plain_write(undo, block, sizeof *head + head->held) < 0) abort();
}

static int flush(int fd, int (*plain)(int)) {
    char path[1024];
    const char *name = ours(fd, path, sizeof path);
    if (!name) return plain(fd);
    char wish = asked()->wish;
    if (wish == 'd') kill(getpid(), SIGKILL);
    count(&flushes, "SHIM_FLUSH");
    if (wish == 'e' || wish == 'r') {
        errno = wish == 'e' ? EIO : EROFS;
        return -1;
    }
    pthread_mutex_lock(&turn);
    int undo = undo_of(name);
    off_t before = undo < 0 ? 0 : lseek(undo, 0, SEEK_END);
    pthread_mutex_unlock(&turn);
    int answer = plain(fd);
    if (undo < 0 || answer) return answer;
    pthread_mutex_lock(&turn);
    flock(undo, LOCK_EX);
    struct record head = {.kind = FLUSHED, .place = before};
    if (lseek(undo, 0, SEEK_END) > before) note(undo, &head, NULL); /* somebody wrote meanwhile */
    else if (before && ftruncate(undo, 0)) abort();
    flock(undo, LOCK_UN);
    pthread_mutex_unlock(&turn);
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

static ssize_t put(int fd, const void *from, size_t length, off64_t place) {
    static ssize_t (*plain)(int, const void *, size_t, off64_t);
    if (!plain) plain = dlsym(RTLD_NEXT, "pwrite64");
    char path[1024];
    const char *name = ours(fd, path, sizeof path);
    if (!name) return plain(fd, from, length, place);
    char wish = asked()->wish;
    if (wish == 'f' || wish == 'r' || (wish == 'w' && strstr(name, "-wal"))) {
        errno = wish == 'r' ? EROFS : ENOSPC;
        return -1;
    }
    count(&writes, "SHIM_WRITE");
    pthread_mutex_lock(&turn);
    int undo = undo_of(name);
    static char before[1 << 17];
    struct stat now;
    if (undo >= 0 && length <= sizeof before && !fstat(fd, &now)) {
        flock(undo, LOCK_EX);
        ssize_t held = pread(fd, before, length, place);
        struct record head = {.place = place, .length = length, .size = now.st_size, .held = held > 0 ? held : 0};
        note(undo, &head, before);
    }
    ssize_t done = plain(fd, from, length, place);
    if (undo >= 0) flock(undo, LOCK_UN);
    pthread_mutex_unlock(&turn);
    return done;
}

ssize_t pwrite64(int fd, const void *from, size_t length, off64_t place) { return put(fd, from, length, place); }

ssize_t pwrite(int fd, const void *from, size_t length, off_t place) { return put(fd, from, length, place); }

int clock_gettime(clockid_t which, struct timespec *told) {
    static int (*plain)(clockid_t, struct timespec *);
    if (!plain) plain = dlsym(RTLD_NEXT, "clock_gettime");
    int answer = plain(which, told);
    if (!answer && which == CLOCK_REALTIME) {
        int64_t ahead = asked()->ahead, nanoseconds = told->tv_nsec + ahead % 1000 * 1000000;
        told->tv_sec += ahead / 1000 + (nanoseconds < 0 ? -1 : nanoseconds / 1000000000);
        told->tv_nsec = nanoseconds < 0 ? nanoseconds + 1000000000 : nanoseconds % 1000000000;
    }
    return answer;
}
