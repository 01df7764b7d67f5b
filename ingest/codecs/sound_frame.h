// Heads of frames of sound that stand end to end without a container.
// Sources: ISO/IEC 13818-7, 6.2 (ADTS); ISO/IEC 11172-3, 2.4.1.3 and 13818-3 (MPEG audio); id3.org,
// ID3v2.4.0, 3.1.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "ingest/base/bytes.h"
#include "ingest/base/format.h"

namespace framewire {

inline constexpr std::size_t kSoundFrameHead = 6;  // bytes that tell a frame's size

struct SoundFrame {
  std::size_t bytes = 0;  // with its head
  std::uint32_t samples = 0;
  std::uint32_t sample_rate = 0;
};
// head: kSoundFrameHead bytes at least. nullopt: none begins there.
// format: aac (ADTS) or mp3 (MPEG-1, 2 and 2.5 audio, layers 1 to 3).
std::optional<SoundFrame> read_sound_frame(Format format, Bytes head);

inline constexpr std::size_t kId3Head = 10;
// The whole tag's size when one begins there; 0: none does.
std::size_t id3_bytes(Bytes head);

}  // namespace framewire
