// A film that grows frame by frame: what the child of a lossless capture writes. Errors:
// malformed_media (a frame that is not what it should be; it is named), and those of the kind.
// Thread: one.
#pragma once
#include <cmath>
#include <cstdint>
#include <functional>

#include "codec/capture.h"
#include "ingest/base/error.h"

namespace framewire::codec {

// What has become whole in the file.
struct FilmGrowth {
  std::uint64_t frames = 0;
  std::uint64_t samples = 0;
};

class CaptureFilm {
 public:
  using Written = std::function<void(const FilmGrowth& more)>;
  virtual ~CaptureFilm() = default;
  // The frame after the last one, as it came. key: of a packet, it says that it is one.
  virtual Result<void> add(Bytes frame, bool key) = 0;
  // Whole samples, the first of them by its number.
  virtual Result<void> add_sound(std::uint64_t first, Bytes samples) = 0;
  // No more come: what is held is written.
  virtual Result<void> finish() = 0;
};

inline std::int64_t frame_time_us(std::uint64_t frame, double fps) {
  return std::llround(static_cast<double>(frame) * 1e6 / fps);
}
inline std::int64_t sample_time_us(std::uint64_t sample, const CaptureAudio& audio) {
  return std::llround(static_cast<double>(sample) * 1e6 / audio.sample_rate);
}

}  // namespace framewire::codec
