#include "codec/child/start/sandbox.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FRAMEWIRE_LEAKS_FOUND 1
#endif
#if __has_feature(thread_sanitizer)
#define FRAMEWIRE_SANITIZED 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define FRAMEWIRE_LEAKS_FOUND 1
#endif
#if defined(__SANITIZE_THREAD__) || defined(FRAMEWIRE_LEAKS_FOUND)
#define FRAMEWIRE_SANITIZED 1
#endif
#ifdef FRAMEWIRE_LEAKS_FOUND
#include <sanitizer/lsan_interface.h>
#endif

namespace framewire::codec {
namespace {

#ifdef FRAMEWIRE_SANITIZED
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

constexpr std::size_t kStackBytes = 1u << 20;  // of each thread; the default is 8 MiB

tl::unexpected<Error> refused(std::string_view what, int error) {
  return fail(Errc::internal, fmt::format("sandbox: {}: {}", what, std::strerror(error)));
}

// What FFmpeg, its encoders, the C library's allocator and threads need once all is open.
constexpr int kAllowed[] = {
    // the descriptors it was handed
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64),
    SCMP_SYS(pwrite64), SCMP_SYS(lseek), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(close),
    SCMP_SYS(fcntl), SCMP_SYS(dup), SCMP_SYS(ftruncate), SCMP_SYS(fallocate), SCMP_SYS(fsync),
    SCMP_SYS(fdatasync), SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(recvfrom), SCMP_SYS(sendto),
    SCMP_SYS(shutdown), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(eventfd2), SCMP_SYS(memfd_create),
    // memory
    SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mprotect), SCMP_SYS(mremap), SCMP_SYS(madvise),
    SCMP_SYS(brk),
    // threads
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(gettid), SCMP_SYS(getpid),
    SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    // time and luck
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(getrandom),
    SCMP_SYS(getrusage), SCMP_SYS(setpriority), SCMP_SYS(sysinfo)};

// What libsrt's threads and TLS do with sockets that are open.
constexpr int kOfConnections[] = {
    SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_ctl),  SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt), SCMP_SYS(getsockname), SCMP_SYS(getpeername)};

int limit(__rlimit_resource resource, std::size_t most) {
  const rlimit to{most, most};
  return setrlimit(resource, &to);
}

}  // namespace

Result<void> enter_sandbox(const SandboxLimits& limits, pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return refused("death with the parent", errno);
  if (getppid() != parent) return fail(Errc::internal, "sandbox: the parent has gone already");
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that is too big is an error of write()
  if (limits.niceness > 0) (void)setpriority(PRIO_PROCESS, 0, limits.niceness);

  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);

  if (limit(RLIMIT_CORE, 0) != 0 || limit(RLIMIT_FSIZE, limits.file_bytes) != 0 ||
      limit(RLIMIT_NOFILE, limits.open_files) != 0 ||
      (limits.cpu_seconds > 0 && limit(RLIMIT_CPU, limits.cpu_seconds) != 0) ||
      (!kSanitized && limit(RLIMIT_DATA, limits.memory_bytes) != 0))
    return refused("resource limits", errno);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("no new privileges", errno);
  return limits.calls_later ? Result<void>{} : limit_calls(Calls::files);
}

Result<void> limit_calls(Calls calls) {
  if (kSanitized) return {};
  const std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter{seccomp_init(SCMP_ACT_ERRNO(EPERM)),
                                                                seccomp_release};
  if (!filter) return refused("seccomp", ENOMEM);
  int failed = 0;
  const auto keep = [&](int result) {
    if (failed == 0 && result < 0) failed = -result;
  };
  const auto allow = [&](int call) {
    keep(seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0));
  };
  for (const int call : kAllowed) allow(call);
  if (calls == Calls::connection)
    for (const int call : kOfConnections) allow(call);
  // Threads, but no processes. clone3 hides its flags behind a pointer: the C library takes ENOSYS
  // for an old kernel and calls clone.
  const scmp_arg_cmp thread{0, SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD};
  keep(seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, &thread));
  keep(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0));
  // abort() and pthread_kill(): signals to threads of this process, and no other.
  const scmp_arg_cmp own_process{0, SCMP_CMP_EQ, static_cast<scmp_datum_t>(getpid()), 0};
  keep(seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &own_process));
  const scmp_arg_cmp set_name{0, SCMP_CMP_EQ, PR_SET_NAME, 0};
  keep(seccomp_rule_add_array(filter.get(), SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, &set_name));
  keep(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1));
  keep(seccomp_load(filter.get()));
  if (failed != 0) return refused("seccomp", failed);
  return {};
}

void report_leaks() {
#ifdef FRAMEWIRE_LEAKS_FOUND
  __lsan_do_recoverable_leak_check();
#endif
}

}  // namespace framewire::codec
