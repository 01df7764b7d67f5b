// A packet of a sound in which nothing is heard, for the time in which a publisher sends none.
// AAC (of one to six channels, or eight) and Opus; it needs no encoder.
// Sources: ISO/IEC 14496-3, 4.4.2 (raw_data_block); RFC 6716, 3.1 and 4.3; RFC 7845, 3 and 5.1.1.
#pragma once
#include <cstdint>
#include <optional>

#include "codec/child/av/ffmpeg_handles.h"
#include "ingest/base/bytes.h"

namespace framewire::codec {

struct SilentSound {
  Buffer packet;
  std::int64_t samples = 0;  // that a packet lasts, at `rate`
  int rate = 0;
  // When the packet after so many begins, behind the first one.
  std::int64_t begins_us(std::int64_t packets) const {
    return av_rescale(packets * samples, 1'000'000, rate);
  }
};

// packet_us: how long the packets of the sound last: HE-AAC's last twice as long as AAC's, and
// Opus of 10 ms has silence of 10 ms.
// nullopt: there is none for this sound.
std::optional<SilentSound> silent_sound(const AVCodecParameters& sound, std::int64_t packet_us);

}  // namespace framewire::codec
