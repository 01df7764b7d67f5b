// The parts of a file or stdin on their way to a server, each when its time has come. They can be
// kept for a while and given again, or go on with the init segment and the next group.
// Thread: one. Errors: error(), after which `end` is given.
#pragma once
#include <chrono>
#include <deque>
#include <memory>
#include <optional>

#include "tools/media/media_options.h"
#include "tools/media/media_source.h"

namespace framewire::cli {

// When a part is due: as long after the first as its time says.
class Pace {
 public:
  std::chrono::milliseconds until(std::chrono::microseconds pts);
  // How far it is from the part before, if that was of the same clock.
  std::chrono::microseconds pass(std::chrono::microseconds pts);

 private:
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> began_;
  std::chrono::microseconds first_{0};
  std::chrono::microseconds last_{0};
  bool passed_one_ = false;
};

// What there is to send now: a part, or the end, or nothing before `wait` is over or `readable` is.
struct NextPart {
  std::optional<SourcePart> part{};
  bool end = false;
  std::chrono::milliseconds wait{0};
  std::optional<int> readable{};
};

class PacedParts {
 public:
  PacedParts(const PublishOptions& options, std::unique_ptr<MediaSource> source)
      : options_(options), source_(std::move(source)) {}

  NextPart next();
  // The init segment, then the next group.
  void begin_anew();

  // From here on what is given is kept, up to kMostKept, at which next() waits; until forget().
  void keep();
  void forget();
  // What is kept is given again, and no more is kept.
  void give_again();
  static constexpr std::size_t kMostKept = 4u << 20;

  // Of the epoch that is given.
  Format format() const { return source_->format(); }
  std::size_t init_bytes() const { return init_ ? init_->bytes.size() : 0; }
  // How much media has passed.
  std::chrono::microseconds passed() const { return passed_; }
  // How much of a file has been read, 0 to 1; nothing of what has no end.
  std::optional<double> share() const {
    return options_.loop ? std::nullopt : source_->read_share();
  }
  const std::optional<Error>& error() const { return error_; }

 private:
  bool open_again();
  // Nothing: it belongs to a group whose beginning was not sent.
  std::optional<SourcePart> take();
  NextPart given(SourcePart part);

  const PublishOptions& options_;
  std::unique_ptr<MediaSource> source_;
  std::deque<SourcePart> again_;  // to be given before others
  std::deque<SourcePart> kept_;
  std::size_t kept_bytes_ = 0;
  bool keeps_ = false;
  std::optional<SourcePart> init_;
  bool second_round_ = false;  // not for the first time
  bool skipping_ = false;      // up to the next group
  Pace pace_;
  std::chrono::microseconds passed_{0};
  std::optional<Error> error_;
};

}  // namespace framewire::cli
