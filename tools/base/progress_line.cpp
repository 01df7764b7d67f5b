#include "tools/base/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace framewire::cli {
namespace {
constexpr std::chrono::milliseconds kEvery{500};
}

ProgressLine::ProgressLine(std::string name, bool quiet)
    : name_(std::move(name)), shown_(!quiet && isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (drawn_) fmt::print(stderr, "\n");
}

void ProgressLine::clear() {
  if (std::exchange(drawn_, false)) fmt::print(stderr, "\r\x1b[K");
}

void ProgressLine::show_waiting(const std::string& sentence) {
  if (!shown_) return;
  fmt::print(stderr, "\r\x1b[K{}: {}", name_, sentence);
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressLine::show(std::chrono::microseconds media, const std::string& more) {
  const auto now = std::chrono::steady_clock::now();
  if (!shown_ || now - drawn_at_ < kEvery) return;
  const double seconds = std::chrono::duration<double>(now - drawn_at_).count();
  const double rate = drawn_bytes_ == 0 ? 0 : static_cast<double>(bytes_ - drawn_bytes_) / seconds;
  fmt::print(stderr, "\r\x1b[K{}: {:.1f} s, {:.2f} MB, {:.2f} Mb/s{}", name_,
             std::chrono::duration<double>(media).count(), static_cast<double>(bytes_) / 1e6,
             rate * 8 / 1e6, more);
  std::fflush(stderr);
  drawn_ = true;
  drawn_at_ = now;
  drawn_bytes_ = bytes_;
}

void ProgressLine::say(const std::string& sentence) {
  clear();
  fmt::print(stderr, "{}: {}\n", name_, sentence);
}

}  // namespace framewire::cli
