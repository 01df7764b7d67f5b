// A shim under the server (LD_PRELOAD): lets calls into the kernel and the allocator fail, as a
// control file says, and steps the wall clock. Used by tests/e2e/faults.test.mjs.
//
// The file named by FRAMEWIRE_FAULTS is mapped shared, so a test arms and reads it while the server
// runs. It holds a slot of 64 bytes per kind of call (enum kind), little-endian, 8 bytes each:
//   armed (0, 1)  from  until  error (errno)  seen  failed  -  -
// Calls are counted in `seen` from the arming on; those numbered from <= n < until fail with `error`.
// The slot `clock` has seconds in `error`, added to CLOCK_REALTIME while it is armed.
// Thread: any. Children of the server get no LD_PRELOAD, so only the server itself is hit.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum kind {
  k_alloc,
  k_accept,
  k_send,
  k_uring,
  k_write,  // to regular files
  k_sync,
  k_spawn,
  k_open,
  k_epoll_add,
  k_rename,
  k_truncate,
  k_socketpair,
  k_thread,
  k_clock,
  k_pidfd,
  k_count
};

struct slot {
  _Atomic int64_t armed, from, until, error, seen, failed, unused[2];
};

static struct slot* slots;

__attribute__((constructor(101))) static void map_control_file(void) {
  const char* path = getenv("FRAMEWIRE_FAULTS");
  if (!path) return;
  const long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void* at = mmap(NULL, k_count * sizeof(struct slot), PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);
  syscall(SYS_close, fd);
  if (at != MAP_FAILED) slots = at;
}

// errno, or 0: the call goes through.
static int fault(enum kind kind) {
  if (!slots) return 0;
  struct slot* slot = &slots[kind];
  if (!slot->armed) return 0;
  const int64_t number = slot->seen++;
  if (number < slot->from || number >= slot->until) return 0;
  ++slot->failed;
  return (int)slot->error;
}

static int fails(enum kind kind) {
  const int error = fault(kind);
  if (error) errno = error;
  return error != 0;
}

// The function that is shadowed here.
#define REAL(name)                                                            \
  ({                                                                          \
    static _Atomic(void*) found;                                              \
    if (!found) found = dlsym(RTLD_NEXT, #name);                              \
    (__typeof__(&name))(void*)found;                                          \
  })

// ---- memory: glibc's own names, for dlsym() allocates

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

void* malloc(size_t size) {
  return fails(k_alloc) ? NULL : __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  return fails(k_alloc) ? NULL : __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
  return fails(k_alloc) ? NULL : __libc_realloc(old, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  return fails(k_alloc) ? NULL : __libc_memalign(alignment, size);
}
int posix_memalign(void** at, size_t alignment, size_t size) {
  if (fails(k_alloc)) return ENOMEM;
  *at = __libc_memalign(alignment, size);
  return *at ? 0 : ENOMEM;
}

// ---- sockets

int accept4(int fd, struct sockaddr* peer, socklen_t* size, int flags) {
  return fails(k_accept) ? -1 : REAL(accept4)(fd, peer, size, flags);
}
ssize_t send(int fd, const void* data, size_t size, int flags) {
  return fails(k_send) ? -1 : REAL(send)(fd, data, size, flags);
}
ssize_t sendmsg(int fd, const struct msghdr* message, int flags) {
  return fails(k_send) ? -1 : REAL(sendmsg)(fd, message, flags);
}
int socketpair(int domain, int type, int protocol, int pair[2]) {
  return fails(k_socketpair) ? -1 : REAL(socketpair)(domain, type, protocol, pair);
}
int epoll_ctl(int epoll, int operation, int fd, struct epoll_event* event) {
  if (operation == EPOLL_CTL_ADD && fails(k_epoll_add)) return -1;
  return REAL(epoll_ctl)(epoll, operation, fd, event);
}

struct io_uring;
int io_uring_submit_and_wait(struct io_uring* ring, unsigned count);
int io_uring_submit_and_wait(struct io_uring* ring, unsigned count) {
  const int error = fault(k_uring);
  return error ? -error : REAL(io_uring_submit_and_wait)(ring, count);
}

// ---- files

static int is_file(int fd) {
  struct stat facts;
  return fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode);
}
ssize_t write(int fd, const void* data, size_t size) {
  return is_file(fd) && fails(k_write) ? -1 : REAL(write)(fd, data, size);
}
ssize_t writev(int fd, const struct iovec* pieces, int count) {
  return is_file(fd) && fails(k_write) ? -1 : REAL(writev)(fd, pieces, count);
}
int fsync(int fd) {
  return fails(k_sync) ? -1 : REAL(fsync)(fd);
}
int fdatasync(int fd) {
  return fails(k_sync) ? -1 : REAL(fdatasync)(fd);
}
int ftruncate(int fd, off_t size) {
  return fails(k_truncate) ? -1 : REAL(ftruncate)(fd, size);
}
int rename(const char* from, const char* to) {
  return fails(k_rename) ? -1 : REAL(rename)(from, to);
}

static mode_t mode_of(int flags, va_list more) {
  return flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
}
#define OPEN(name)                                        \
  int name(const char* path, int flags, ...) {            \
    va_list more;                                         \
    va_start(more, flags);                                \
    const mode_t mode = mode_of(flags, more);             \
    va_end(more);                                         \
    return fails(k_open) ? -1 : REAL(name)(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

// ---- processes and threads

int posix_spawn(pid_t* pid, const char* path, const posix_spawn_file_actions_t* actions,
                const posix_spawnattr_t* attributes, char* const words[], char* const variables[]) {
  const int error = fault(k_spawn);
  return error ? error : REAL(posix_spawn)(pid, path, actions, attributes, words, variables);
}
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                   void* with) {
  const int error = fault(k_thread);
  return error ? error : REAL(pthread_create)(thread, attributes, run, with);
}
long syscall(long number, ...) {
  va_list more;
  va_start(more, number);
  long a[6];
  for (int i = 0; i < 6; ++i) a[i] = va_arg(more, long);
  va_end(more);
  if (number == SYS_pidfd_open && fails(k_pidfd)) return -1;
  if (number == SYS_epoll_ctl && a[1] == EPOLL_CTL_ADD && fails(k_epoll_add)) return -1;
  return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

// ---- the clock on the wall

static int64_t offset(void) {
  return slots && slots[k_clock].armed ? slots[k_clock].error : 0;
}
int clock_gettime(clockid_t clock, struct timespec* now) {
  const int result = REAL(clock_gettime)(clock, now);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    now->tv_sec += offset();
  return result;
}
int gettimeofday(struct timeval* now, void* zone) {
  const int result = REAL(gettimeofday)(now, zone);
  if (result == 0) now->tv_sec += offset();
  return result;
}
time_t time(time_t* at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}
