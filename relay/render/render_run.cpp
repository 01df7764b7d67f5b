#include "relay/render/render_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace framewire::relay {
namespace {

constexpr std::chrono::milliseconds kGrace{5'000};  // from SIGTERM to SIGKILL
constexpr std::size_t kLongestLine = 16u << 10;

// By the exit codes of all commands (tools/base/exit_codes.h).
std::string_view code_of_exit(int exit_code) {
  constexpr std::array<std::string_view, 7> kCodes = {
      "", "page-failed", "bad-wish", "not-found", "refused", "unreachable", "disk"};
  const auto index = static_cast<std::size_t>(exit_code);
  return exit_code > 0 && index < kCodes.size() ? kCodes[index] : kCodes[1];
}

}  // namespace

Result<std::unique_ptr<RenderRun>> RenderRun::start(RenderRunSpec spec) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return fail(Errc::internal, std::strerror(errno));
  UniqueFd said{pipe[0]};
  const UniqueFd theirs{pipe[1]};
  ::fcntl(said.get(), F_SETFL, O_NONBLOCK);
  codec::ChildSpec child;
  child.command = "render";
  child.arguments = spec.arguments;
  child.arguments.push_back("--out=" + spec.film);
  child.public_command = true;
  child.variables = {"FRAMEWIRE_RENDER_PAGE=" + spec.page,
                     fmt::format("FRAMEWIRE_RENDER_PARENT={}", ::getpid())};
  child.error_output = theirs.get();
  child.program = spec.program;
  auto started = codec::ChildProcess::start(child);
  if (!started) return tl::make_unexpected(started.error());
  return std::unique_ptr<RenderRun>{
      new RenderRun(std::move(spec), *std::move(started), std::move(said))};
}

void RenderRun::read(RenderInfo& info) {
  std::array<char, 8192> bytes;
  while (true) {
    const ssize_t got = ::read(said_.get(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    std::string_view rest{bytes.data(), static_cast<std::size_t>(got)};
    for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      begun_ += rest.substr(0, end);
      take_line(begun_, info);
      begun_.clear();
      rest.remove_prefix(end + 1);
    }
    if (begun_.size() < kLongestLine) begun_ += rest;
  }
}

void RenderRun::take_line(std::string_view line, RenderInfo& info) {
  if (line.starts_with('{'))
    take_progress(line, info);
  else if (!line.empty())
    last_line_ = line;
}

void RenderRun::look(Time now) {
  if (kill_at_ != Time{}) {
    if (now >= kill_at_) child_.kill();
    return;
  }
  if (now >= spec_.deadline)
    return stop(now, "timed-out", "it took longer than the server allows (--render-time)");
  struct stat facts {};
  if (::stat((spec_.film + ".new").c_str(), &facts) == 0 &&
      static_cast<std::uint64_t>(facts.st_size) > spec_.most_bytes)
    stop(now, "limit-exceeded", "the film is larger than the server allows (--render-size)");
}

void RenderRun::stop(Time now, std::string code, std::string why) {
  if (kill_at_ != Time{}) return;
  kill_at_ = now + kGrace;
  stop_code_ = std::move(code);
  stop_why_ = std::move(why);
  child_.ask_to_end();
}

bool RenderRun::take_end(RenderInfo& info) {
  const auto end = child_.take_end();
  if (!end) return false;
  read(info);
  info.eta_ms.reset();
  if (!stop_code_.empty()) {
    info.state = stop_code_ == "cancelled" ? RenderState::cancelled : RenderState::failed;
    info.error_code = stop_code_;
    info.error = stop_why_;
  } else if (end->good()) {
    info.error.clear();
  } else {
    info.state = RenderState::failed;
    info.error_code = end->signal != 0 ? "crashed" : code_of_exit(end->exit_code);
    if (info.error.empty()) info.error = last_line_.empty() ? end->describe() : last_line_;
  }
  return true;
}

}  // namespace framewire::relay
