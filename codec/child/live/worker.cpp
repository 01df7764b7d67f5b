#include "codec/child/live/worker.h"

#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <thread>

#include "codec/child/containers/ffmpeg_input.h"
#include "codec/child/live/job_runner.h"
#include "codec/child/start/child_main.h"
#include "codec/child/start/sandbox.h"

namespace framewire::codec {
namespace {

constexpr int kControl = kFirstDescriptor;
constexpr std::size_t kSignalStack = 32u << 10;

thread_local std::uint64_t this_job = 0;

// Tells the server whose media it was, then lets the signal do its work. Only calls that a signal
// handler may make.
void on_crash(int signal) {
  std::array<char, 32> text{"job "};
  std::size_t end = text.size();
  for (std::uint64_t n = this_job; end > 4 && (n > 0 || end == text.size()); n /= 10)
    text[--end] = static_cast<char>('0' + n % 10);
  std::memmove(text.data() + 4, text.data() + end, text.size() - end);
  (void)!write(STDOUT_FILENO, text.data(), 4 + text.size() - end);
  std::signal(signal, SIG_DFL);
  raise(signal);
}

void catch_crashes() {
  struct sigaction action {};
  action.sa_handler = on_crash;
  action.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESETHAND);
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
    sigaction(signal, &action, nullptr);
}

void run_thread(const JobSpec& job, UniqueFd socket) {
  this_job = job.number;
  const auto stack = std::make_unique<std::byte[]>(kSignalStack);
  stack_t alternative{};
  alternative.ss_sp = stack.get();
  alternative.ss_size = kSignalStack;
  sigaltstack(&alternative, nullptr);
  try {
    run_job(job, std::move(socket));
  } catch (const std::exception& error) {  // memory ran out: the socket closes, the server retries
    spdlog::warn("{}.{}: {}", job.stream, job.output, error.what());
  }
  alternative.ss_flags = SS_DISABLE;
  sigaltstack(&alternative, nullptr);
  report_leaks();
}

struct Received {
  std::string text;
  UniqueFd socket;
};

// nullopt: the server has closed.
std::optional<Received> receive() {
  std::array<char, kMaxControlBytes> text{};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> space{};
  iovec part{text.data(), text.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space.data();
  message.msg_controllen = space.size();
  ssize_t got = 0;
  do got = recvmsg(kControl, &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got <= 0) return std::nullopt;
  Received out{{text.data(), static_cast<std::size_t>(got)}, {}};
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(c), sizeof fd);
    out.socket.reset(fd);
  }
  return out;
}

}  // namespace

int run_codec_worker(std::span<const std::string>) {
  limit_ffmpeg_memory();
  catch_crashes();
  while (auto received = receive()) {
    auto job = job_from_json(received->text);
    if (!job || !received->socket) {
      fmt::print("{}", job ? "a job without a socket" : job.error().what);
      return 1;
    }
    std::thread{[job = *std::move(job), socket = std::move(received->socket)]() mutable {
      run_thread(job, std::move(socket));
    }}.detach();
  }
  _exit(0);  // jobs that still run have lost their server: nobody waits for what they make
}

}  // namespace framewire::codec
