// The credits of a lossless capture: which frames the publisher may send, how many of them came,
// and how many are in the file. Credit is given by number (frames below it may come), so a resume
// changes nothing and a message that is lost costs nothing.
//
//   0          written           taken              credit
//   |-- in the file --|-- on their way --|-- may still come --|
//                     |<------------- window ---------------->|
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "ingest/base/assert.h"
#include "relay/base/config.h"

namespace framewire::relay {

// Fewer would stop an encoder that works on several frames at a time.
inline constexpr std::size_t kLeastCaptureWindow = 6;

// How many frames of so many bytes may be on their way.
inline std::size_t capture_window(const Config& config, std::uint64_t frame_bytes) {
  const std::uint64_t fit = config.capture_inbox_bytes / std::max<std::uint64_t>(frame_bytes, 1);
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(
      fit, kLeastCaptureWindow, std::max(config.capture_frames, kLeastCaptureWindow)));
}

class CreditWindow {
 public:
  explicit CreditWindow(std::size_t window) : window_(window) {}

  std::uint64_t taken() const { return taken_; }
  std::uint64_t written() const { return written_; }
  std::uint64_t credit() const { return written_ + window_; }
  std::uint64_t on_their_way() const { return taken_ - written_; }
  bool may_take() const { return taken_ < credit(); }
  void take() {
    FW_ASSERT(may_take());
    ++taken_;
  }
  // Never more than were taken, and never fewer than before.
  void write(std::uint64_t frames) { written_ = std::clamp(frames, written_, taken_); }

 private:
  const std::size_t window_;
  std::uint64_t taken_ = 0;
  std::uint64_t written_ = 0;
};

}  // namespace framewire::relay
