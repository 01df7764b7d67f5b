// framewire publish: the parts of a file, each at its time, as the body of a POST. A connection
// that is lost is made anew, and goes on with the init segment and the next group.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "tools/media_options.h"
#include "tools/media_source.h"
#include "tools/progress_line.h"

namespace framewire::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr milliseconds kFirstRetry{250};
constexpr milliseconds kLongestRetry{4'000};
// Times that step this far leave the old clock: another recording begins.
constexpr microseconds kLargestStep{10'000'000};

// When a part is due: as long after the first as its time says.
class Pace {
 public:
  milliseconds until(microseconds pts) {
    const bool steps = pts + kLargestStep < last_ || pts > last_ + kLargestStep;
    if (!began_ || steps) {
      began_ = Clock::now();
      first_ = last_ = pts;
    }
    const auto left = *began_ + (pts - first_) - Clock::now();
    return std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(left));
  }
  // How far it is from the part before, if that was of the same clock.
  microseconds pass(microseconds pts) {
    const microseconds step = pts - std::exchange(last_, pts);
    return std::exchange(passed_one_, true) && abs(step) <= kLargestStep ? step : microseconds{0};
  }

 private:
  std::optional<Clock::time_point> began_;
  microseconds first_{0};
  microseconds last_{0};
  bool passed_one_ = false;
};

class Publication {
 public:
  Publication(const PublishOptions& options, MediaSource& source)
      : options_(options), source_(source), line_(options.to.url.stream, options.to.quiet) {}

  int run() {
    const Interrupt interrupt;
    milliseconds pause = kFirstRetry;
    Clock::time_point since = Clock::now();
    while (true) {
      const std::uint64_t before = line_.bytes();
      const TransferEnd end = upload(options_.to.url.publish(), options_.to.access,
                                     [this](std::size_t room) { return next(room); });
      if (error_) return fail_with(error_->what);
      if (end.interrupted) return say_done("stopped");
      if (end.error.empty()) return say_done("done");
      if (line_.bytes() > before + init_.size()) {
        since = Clock::now();
        pause = kFirstRetry;
      }
      if (!end.lost || Clock::now() - since >= options_.to.retry) return fail_with(end.error);
      line_.say(fmt::format("{}; trying again", end.error));
      std::this_thread::sleep_for(pause);
      if (Interrupt::asked()) return say_done("stopped");
      pause = std::min(2 * pause, kLongestRetry);
      begin_anew();
    }
  }

 private:
  // The next bytes of the body. A part may be larger than the room: it goes in pieces.
  Upload next(std::size_t room) {
    while (true) {
      if (from_ < sending_.size()) {
        const Bytes piece = Bytes{sending_}.subspan(from_, std::min(room, sending_.size() - from_));
        from_ += piece.size();
        line_.add(piece.size());
        return {.bytes = piece};
      }
      const auto filled = source_.fill();
      if (!filled) {
        error_ = filled.error();
        return {.end = true};
      }
      if (source_.at_end()) return {.end = true};
      if (!*filled) return {.readable = source_.descriptor()};
      if (const auto wait = time_to_wait(source_.parts().front()); wait > milliseconds{0})
        return {.wait = wait};
      take_part();
    }
  }

  milliseconds time_to_wait(const SourcePart& part) {
    if (!options_.paced || part.init) return milliseconds{0};
    return pace_.until(microseconds{part.pts_us});
  }

  void take_part() {
    SourcePart part = std::move(source_.parts().front());
    source_.parts().pop_front();
    if (part.init) {
      init_ = part.bytes;
    } else {
      const microseconds pts{part.pts_us};
      passed_ += pace_.pass(pts);
      line_.show(passed_);
      if (skipping_ && !part.group_start) return;
    }
    skipping_ = false;
    sending_ = std::move(part.bytes);
    from_ = 0;
  }

  void begin_anew() {
    sending_ = init_;
    from_ = 0;
    skipping_ = true;
    pace_ = {};
  }

  int say_done(std::string_view how) {
    const double seconds = std::chrono::duration<double>(passed_).count();
    line_.say(fmt::format("{}: {:.1f} s, {} bytes", how, seconds, line_.bytes()));
    return 0;
  }
  int fail_with(const std::string& why) {
    line_.say(why);
    return 1;
  }

  const PublishOptions& options_;
  MediaSource& source_;
  ProgressLine line_;
  Buffer init_;
  Buffer sending_;
  std::size_t from_ = 0;
  bool skipping_ = false;  // up to the next group
  Pace pace_;
  microseconds passed_{0};
  std::optional<Error> error_;
};

}  // namespace

int publish_command(const PublishOptions& options) {
  auto source = MediaSource::open(options.file, options.fps);
  if (!source) {
    fmt::print(stderr, "framewire: {}\n", source.error().what);
    return 1;
  }
  return Publication{options, **source}.run();
}

}  // namespace framewire::cli
