#include "codec/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <spdlog/spdlog.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <system_error>
#include <thread>

namespace framewire::codec {
namespace {

constexpr int kFirstHandedIn = 3;
constexpr int kOutOfTheWay = 64;  // where copies stand until they are put in their place

// The environment may hold keys (FRAMEWIRE_PUBLISH_KEY): only these pass.
constexpr std::array kPassedOn = {"ASAN_OPTIONS", "UBSAN_OPTIONS",   "TSAN_OPTIONS",
                                  "LSAN_OPTIONS", "LD_LIBRARY_PATH", "TZ"};
// And these to a command for people, which may start others (a browser).
constexpr std::array kPassedOnToPublic = {"PATH",
                                          "HOME",
                                          "TMPDIR",
                                          "LANG",
                                          "LC_ALL",
                                          "FONTCONFIG_FILE",
                                          "FONTCONFIG_PATH",
                                          "XDG_CONFIG_HOME",
                                          "XDG_CACHE_HOME"};

tl::unexpected<Error> system_error(std::string_view doing, int error) {
  return fail(Errc::internal, fmt::format("{}: {}", doing, std::strerror(error)));
}

std::vector<std::string> environment(const ChildSpec& spec) {
  std::vector<std::string> out = spec.variables;
  const auto pass_on = [&](const auto& names) {
    for (const char* name : names)
      if (const char* value = std::getenv(name)) out.push_back(fmt::format("{}={}", name, value));
  };
  pass_on(kPassedOn);
  if (spec.public_command) pass_on(kPassedOnToPublic);
  return out;
}

std::vector<std::string> words_of(const ChildSpec& spec) {
  std::vector<std::string> out = {"framewire", spec.command};
  if (!spec.public_command) {
    const auto level = spdlog::level::to_string_view(spdlog::get_level());
    out.push_back(std::to_string(getpid()));
    out.emplace_back(level.data(), level.size());
  }
  out.insert(out.end(), spec.arguments.begin(), spec.arguments.end());
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

class FileActions {
 public:
  FileActions() { posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;
  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

// No signal blocked or ignored (the server blocks those that stop it), and a process group of its
// own: Ctrl-C is for the server, which lets its children finish.
class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_;
};

void reap_when_ended(pid_t pid) {
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// A killed process that held a GiB takes its time to end: whoever drops it does not wait for that.
void reap_elsewhere(pid_t pid) {
  try {
    std::thread{reap_when_ended, pid}.detach();
  } catch (const std::system_error&) {  // no more threads
    reap_when_ended(pid);
  }
}

std::string read_all(int fd) {
  std::string out(ChildProcess::kAnswerBytes, '\0');
  std::size_t size = 0;
  while (size < out.size()) {
    const ssize_t got = ::read(fd, out.data() + size, out.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  out.resize(size);
  return out;
}

}  // namespace

std::string ChildEnd::describe() const {
  if (signal != 0) return fmt::format("was killed by signal {} ({})", signal, strsignal(signal));
  return fmt::format("ended with {}{}{}", exit_code, answer.empty() ? "" : ": ", answer);
}

Result<ChildProcess> ChildProcess::start(const ChildSpec& spec) {
  std::array<int, 2> pipe{};
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) return system_error("pipe", errno);
  UniqueFd answer{pipe[0]}, told{pipe[1]};
  fcntl(answer.get(), F_SETFL, O_NONBLOCK);

  FileActions actions;
  posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(actions.get(), told.get(), STDOUT_FILENO);
  if (spec.error_output >= 0)
    posix_spawn_file_actions_adddup2(actions.get(), spec.error_output, STDERR_FILENO);
  std::vector<UniqueFd> copies;  // above all places, so that none overwrites another
  int place = kFirstHandedIn;
  for (const int fd : spec.descriptors) {
    copies.emplace_back(fcntl(fd, F_DUPFD_CLOEXEC, kOutOfTheWay));
    if (!copies.back()) return system_error("descriptor for a child", errno);
    posix_spawn_file_actions_adddup2(actions.get(), copies.back().get(), place++);
  }
  posix_spawn_file_actions_addclosefrom_np(actions.get(), place);

  std::vector<std::string> words = words_of(spec);
  std::vector<std::string> variables = environment(spec);

  pid_t pid = -1;
  const Attributes attributes;
  const int failed = posix_spawn(&pid, spec.program.c_str(), actions.get(), attributes.get(),
                                 pointers(words).data(), pointers(variables).data());
  if (failed != 0) return system_error(fmt::format("start of {}", spec.command), failed);
  UniqueFd pidfd{static_cast<int>(syscall(SYS_pidfd_open, pid, 0))};
  const int no_pidfd = errno;
  ChildProcess child{pid, std::move(pidfd), std::move(answer)};
  if (!child.pidfd_) return system_error("pidfd_open", no_pidfd);
  return child;
}

ChildProcess::ChildProcess(pid_t pid, UniqueFd pidfd, UniqueFd answer)
    : pid_(pid), pidfd_(std::move(pidfd)), answer_(std::move(answer)) {}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      answer_(std::move(other.answer_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(answer_, other.answer_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (pid_ < 0) return;
  kill();
  if (!take_end()) reap_elsewhere(pid_);
}

void ChildProcess::kill() {
  if (pid_ > 0) ::kill(pid_, SIGKILL);  // not reaped yet: the number is still its own
}

void ChildProcess::ask_to_end() {
  if (pid_ > 0) ::kill(pid_, SIGTERM);
}

std::optional<ChildEnd> ChildProcess::take_end() {
  return reap(WNOHANG);
}

ChildEnd ChildProcess::wait() {
  return reap(0).value_or(ChildEnd{});
}

std::optional<ChildEnd> ChildProcess::reap(int options) {
  if (pid_ < 0) return std::nullopt;
  int status = 0;
  pid_t ended = 0;
  do ended = waitpid(pid_, &status, options);
  while (ended < 0 && errno == EINTR);
  if (ended != pid_) return std::nullopt;
  pid_ = -1;
  ChildEnd end;
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  end.answer = read_all(answer_.get());
  return end;
}

}  // namespace framewire::codec
