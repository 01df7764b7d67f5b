// framewire publish: the parts of a file, each at its time, as the body of a POST. A connection
// that is lost is made anew, and goes on with the init segment and the next group.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "tools/base/progress_line.h"
#include "tools/media/media_options.h"
#include "tools/media/media_source.h"
#include "tools/media/tries.h"
#include "tools/media/viewer_count.h"

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

// A stream of FLV has one file header; its tags may begin anew behind it (Adobe, "Video File Format
// Specification" 10.1, E.2: 9 bytes, and the size of no tag).
Buffer without_flv_header(Buffer init) {
  constexpr std::size_t kHeaderBytes = 13;
  if (as_text(init).starts_with("FLV") && init.size() >= kHeaderBytes)
    init.erase(init.begin(), init.begin() + kHeaderBytes);
  return init;
}

class Publication {
 public:
  Publication(const PublishOptions& options, std::unique_ptr<MediaSource> source)
      : options_(options),
        source_(std::move(source)),
        line_(options.to.url.stream, options.to.quiet),
        viewers_(options.to.url.describe(), options.to.access) {}

  int run() {
    const Interrupt interrupt;
    milliseconds pause = kFirstRetry;
    Clock::time_point since = Clock::now();
    Tries tries{line_};
    const std::string url = options_.to.url.publish(parameters());
    while (true) {
      const std::uint64_t before = line_.bytes();
      const TransferEnd end = upload(url, options_.to.access, [this, &tries](std::size_t room) {
        tries.over();
        return next(room);
      });
      if (error_) return fail_with(error_->what, kExitFailed);
      if (end.interrupted || Interrupt::asked()) return say_done("stopped");
      if (end.error.empty()) return say_done("done");
      if (line_.bytes() > before + init_.size()) {
        since = Clock::now();
        pause = kFirstRetry;
      }
      if (!end.lost || Clock::now() - since >= options_.to.retry)
        return fail_with(tries.told(end.error), end.exit_code());
      tries.again(end.error, options_.to.retry);
      std::this_thread::sleep_for(pause);
      if (Interrupt::asked()) return say_done("stopped");
      pause = std::min(2 * pause, kLongestRetry);
      begin_anew();
    }
  }

 private:
  std::string parameters() const {
    std::string out;
    if (!options_.title.empty()) out = "title=" + url_encoded(options_.title);
    if (options_.record) out += out.empty() ? "record=true" : "&record=true";
    return out;
  }

  // The next bytes of the body. A part may be larger than the room: it goes in pieces. A signal
  // ends the body where a part ends, so that the server takes it for the stream's own end.
  Upload next(std::size_t room) {
    while (true) {
      if (from_ < sending_.size()) {
        const Bytes piece = Bytes{sending_}.subspan(from_, std::min(room, sending_.size() - from_));
        from_ += piece.size();
        line_.add(piece.size());
        return {.bytes = piece};
      }
      if (Interrupt::asked()) return {.end = true};
      const auto filled = source_->fill();
      if (!filled) {
        error_ = filled.error();
        return {.end = true};
      }
      if (source_->at_end()) {
        if (!options_.loop || !open_again()) return {.end = true};
        continue;
      }
      if (!*filled) return {.readable = source_->descriptor()};
      if (const auto wait = time_to_wait(source_->parts().front()); wait > milliseconds{0})
        return {.wait = wait};
      take_part();
    }
  }

  // From the beginning: its init segment begins the next epoch. False: error_ says why.
  bool open_again() {
    auto source = MediaSource::open(options_.file, options_.fps);
    if (!source)
      error_ = source.error();
    else
      source_ = *std::move(source);
    pace_ = {};
    again_ = true;
    return source.has_value();
  }

  milliseconds time_to_wait(const SourcePart& part) {
    if (!options_.paced || part.init) return milliseconds{0};
    return pace_.until(microseconds{part.pts_us});
  }

  void take_part() {
    SourcePart part = std::move(source_->parts().front());
    source_->parts().pop_front();
    if (part.init) {
      init_ = part.bytes;
      if (again_) part.bytes = without_flv_header(std::move(part.bytes));
    } else {
      const microseconds pts{part.pts_us};
      passed_ += pace_.pass(pts);
      if (line_.shown()) line_.show(passed_, progress());
      if (skipping_ && !part.group_start) return;
    }
    skipping_ = false;
    sending_ = std::move(part.bytes);
    from_ = 0;
  }

  // ", 40 %, 12 s left, 3 viewers", as far as it is known.
  std::string progress() {
    std::string out;
    const auto share = options_.loop ? std::nullopt : source_->read_share();
    if (share && *share > 0) {
      const double left = std::chrono::duration<double>(passed_).count() * (1 / *share - 1);
      out = fmt::format(", {:.0f} %, {:.0f} s left", *share * 100, left);
    }
    if (const auto count = viewers_.now())
      out += fmt::format(", {} viewer{}", *count, *count == 1 ? "" : "s");
    return out;
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
  int fail_with(const std::string& why, ExitCode code) {
    line_.say(why);
    return code;
  }

  const PublishOptions& options_;
  std::unique_ptr<MediaSource> source_;
  ProgressLine line_;
  ViewerCount viewers_;
  Buffer init_;
  Buffer sending_;
  std::size_t from_ = 0;
  bool again_ = false;     // not for the first time
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
    const bool there = options.file == "-" || std::filesystem::exists(options.file);
    return there ? kExitFailed : kExitNotFound;
  }
  return Publication{options, *std::move(source)}.run();
}

}  // namespace framewire::cli
