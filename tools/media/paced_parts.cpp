#include "tools/media/paced_parts.h"

#include <algorithm>
#include <utility>

namespace framewire::cli {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// Times that step this far leave the old clock: another recording begins.
constexpr microseconds kLargestStep{10'000'000};
// Whoever keeps as much as may be kept asks again after so long.
constexpr milliseconds kFullWait{50};

// A stream of FLV has one file header; its tags may begin anew behind it (Adobe, "Video File Format
// Specification" 10.1, E.2: 9 bytes, and the size of no tag).
Buffer without_flv_header(Buffer init) {
  constexpr std::size_t kHeaderBytes = 13;
  if (as_text(init).starts_with("FLV") && init.size() >= kHeaderBytes)
    init.erase(init.begin(), init.begin() + kHeaderBytes);
  return init;
}

}  // namespace

milliseconds Pace::until(microseconds pts) {
  const bool steps = pts + kLargestStep < last_ || pts > last_ + kLargestStep;
  if (!began_ || steps) {
    began_ = Clock::now();
    first_ = last_ = pts;
  }
  const auto left = *began_ + (pts - first_) - Clock::now();
  return std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(left));
}

microseconds Pace::pass(microseconds pts) {
  const microseconds step = pts - std::exchange(last_, pts);
  return std::exchange(passed_one_, true) && abs(step) <= kLargestStep ? step : microseconds{0};
}

NextPart PacedParts::next() {
  if (!again_.empty()) {
    SourcePart part = std::move(again_.front());
    again_.pop_front();
    return given(std::move(part));
  }
  while (true) {
    if (keeps_ && kept_bytes_ >= kMostKept) return {.wait = kFullWait};
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
    const SourcePart& front = source_->parts().front();
    if (options_.paced && !front.init)
      if (const auto wait = pace_.until(microseconds{front.pts_us}); wait > milliseconds{0})
        return {.wait = wait};
    if (auto part = take()) return given(*std::move(part));
  }
}

NextPart PacedParts::given(SourcePart part) {
  if (keeps_) {
    kept_bytes_ += part.bytes.size();
    kept_.push_back(part);
  }
  return {.part = std::move(part)};
}

std::optional<SourcePart> PacedParts::take() {
  SourcePart part = std::move(source_->parts().front());
  source_->parts().pop_front();
  if (part.init) {
    init_ = part;
    if (second_round_) part.bytes = without_flv_header(std::move(part.bytes));
  } else {
    passed_ += pace_.pass(microseconds{part.pts_us});
    if (skipping_ && !part.group_start) return std::nullopt;
  }
  skipping_ = false;
  return part;
}

// From the beginning: its init segment begins the next epoch. False: error_ says why.
bool PacedParts::open_again() {
  auto source = MediaSource::open(options_.file, options_.fps);
  if (!source)
    error_ = source.error();
  else
    source_ = *std::move(source);
  pace_ = {};
  second_round_ = true;
  return source.has_value();
}

void PacedParts::begin_anew() {
  again_.clear();
  if (init_) again_.push_back(*init_);
  skipping_ = true;
  pace_ = {};
}

void PacedParts::keep() {
  forget();
  keeps_ = true;
}

void PacedParts::forget() {
  keeps_ = false;
  kept_.clear();
  kept_bytes_ = 0;
}

void PacedParts::give_again() {
  again_.insert(again_.begin(), std::make_move_iterator(kept_.begin()),
                std::make_move_iterator(kept_.end()));
  forget();
}

}  // namespace framewire::cli
