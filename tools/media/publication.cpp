#include "tools/media/publication.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace framewire::cli {
namespace {
constexpr std::chrono::seconds kCountEvery{2};  // the viewers
}

Publication::Publication(const PublishOptions& options, std::unique_ptr<MediaSource> source)
    : options_(options),
      parts_(options, std::move(source)),
      line_(options.to.url.stream, options.to.quiet),
      news_(options.to.url.describe(), options.to.access) {}

std::string Publication::progress() {
  std::string out;
  if (const auto share = parts_.share(); share && *share > 0) {
    const double left = std::chrono::duration<double>(parts_.passed()).count() * (1 / *share - 1);
    out = fmt::format(", {:.0f} %, {:.0f} s left", *share * 100, left);
  }
  if (const auto count = news_.now(kCountEvery).viewers)
    out += fmt::format(", {} viewer{}", *count, *count == 1 ? "" : "s");
  return out;
}

int Publication::say_done(std::string_view how, std::string_view transport) {
  const double seconds = std::chrono::duration<double>(parts_.passed()).count();
  line_.say(
      fmt::format("{}: {:.1f} s, {} bytes, transport {}", how, seconds, line_.bytes(), transport));
  return kExitDone;
}

int Publication::fail_with(const std::string& why, ExitCode code) {
  line_.say(why);
  return code;
}

bool TryPause::wait() {
  std::this_thread::sleep_for(next_);
  next_ = std::min(2 * next_, kLongest);
  return !Interrupt::asked();
}

}  // namespace framewire::cli
