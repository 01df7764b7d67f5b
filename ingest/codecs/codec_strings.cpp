#include "ingest/codecs/codec_strings.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace framewire {
namespace {

// Reads most significant bits first. Past the end it gives zeros and ok() is false.
class BitReader {
 public:
  explicit BitReader(Bytes bytes) : bytes_(bytes) {}
  std::uint32_t read(int bits) {
    std::uint32_t value = 0;
    for (int i = 0; i < bits; ++i, ++at_) {
      const std::size_t byte = at_ / 8;
      const bool there = byte < bytes_.size();
      ok_ = ok_ && there;
      value = (value << 1) | (there ? (u8(bytes_, byte) >> (7 - at_ % 8)) & 1u : 0u);
    }
    return value;
  }
  bool ok() const { return ok_; }

 private:
  Bytes bytes_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

std::string avc_string(Bytes profile_compatibility_level) {
  return fmt::format("avc1.{:02X}{:02X}{:02X}", u8(profile_compatibility_level, 0),
                     u8(profile_compatibility_level, 1), u8(profile_compatibility_level, 2));
}

std::string vp9_string(unsigned profile, int level, unsigned bit_depth) {
  return fmt::format("vp09.{:02}.{:02}.{:02}", profile, level, bit_depth);
}

struct Vp9Level {
  int level;
  std::uint64_t samples_per_s;
  std::uint64_t picture_samples;
  std::uint32_t side;
};
// VP9 bitstream specification, annex A.
constexpr std::array kVp9Levels = {
    Vp9Level{10, 829'440, 36'864, 512},
    Vp9Level{11, 2'764'800, 73'728, 768},
    Vp9Level{20, 4'608'000, 122'880, 960},
    Vp9Level{21, 9'216'000, 245'760, 1344},
    Vp9Level{30, 20'736'000, 552'960, 2048},
    Vp9Level{31, 36'864'000, 983'040, 2752},
    Vp9Level{40, 83'558'400, 2'228'224, 4160},
    Vp9Level{41, 160'432'128, 2'228'224, 4160},
    Vp9Level{50, 311'951'360, 8'912'896, 8384},
    Vp9Level{51, 588'251'136, 8'912'896, 8384},
    Vp9Level{52, 1'176'502'272, 8'912'896, 8384},
    Vp9Level{60, 1'176'502'272, 35'651'584, 16832},
    Vp9Level{61, 2'353'004'544, 35'651'584, 16832},
    Vp9Level{62, 4'706'009'088, 35'651'584, 16832},
};
constexpr std::uint64_t kAssumedFps = 30;

}  // namespace

std::optional<std::string> avc_codec_string_from_avcc(Bytes avcc) {
  if (avcc.size() < 4 || u8(avcc, 0) != 1) return std::nullopt;
  return avc_string(avcc.subspan(1));
}

std::optional<std::string> avc_codec_string_from_sps(Bytes nal) {
  if (nal.size() < 4 || (u8(nal, 0) & 0x1f) != 7) return std::nullopt;
  return avc_string(nal.subspan(1));
}

Bytes find_avc_nal(Bytes annexb, std::uint8_t nal_unit_type) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i + 3 < annexb.size(); ++i) {
    if (u8(annexb, i) != 0 || u8(annexb, i + 1) != 0) continue;
    const std::uint8_t third = u8(annexb, i + 2);
    if (found && third <= 1) return annexb.subspan(*found, i - *found);  // 00 00 00 or 00 00 01
    if (third == 1 && (u8(annexb, i + 3) & 0x1f) == nal_unit_type) found = i + 3;
  }
  return found ? annexb.subspan(*found) : Bytes{};
}

std::optional<std::string> avc_codec_string_from_annexb(Bytes access_unit) {
  return avc_codec_string_from_sps(find_avc_nal(access_unit, 7));
}

std::optional<std::string> av1_codec_string(Bytes av1c) {
  if (av1c.size() < 3 || u8(av1c, 0) != 0x81) return std::nullopt;  // marker 1, version 1
  const unsigned profile = u8(av1c, 1) >> 5;
  const unsigned level = u8(av1c, 1) & 0x1f;
  const bool high_tier = (u8(av1c, 2) & 0x80) != 0;
  const bool high_bitdepth = (u8(av1c, 2) & 0x40) != 0;
  const bool twelve_bit = (u8(av1c, 2) & 0x20) != 0;
  const int bit_depth = !high_bitdepth ? 8 : twelve_bit ? 12 : 10;
  return fmt::format("av01.{}.{:02}{}.{:02}", profile, level, high_tier ? 'H' : 'M', bit_depth);
}

int vp9_level(std::uint32_t width, std::uint32_t height) {
  const std::uint64_t picture = std::uint64_t{width} * height;
  for (const Vp9Level& level : kVp9Levels) {
    if (picture <= level.picture_samples && picture <= level.samples_per_s / kAssumedFps &&
        width <= level.side && height <= level.side)
      return level.level;
  }
  return kVp9Levels.back().level;
}

std::optional<std::string> vp9_codec_string(Bytes frame, std::uint32_t width,
                                            std::uint32_t height) {
  BitReader bits(frame);
  if (bits.read(2) != 2) return std::nullopt;  // frame_marker
  const std::uint32_t profile_low = bits.read(1);
  const std::uint32_t profile = profile_low + 2 * bits.read(1);
  if (profile == 3 && bits.read(1) != 0) return std::nullopt;  // reserved_zero
  if (bits.read(1) != 0) return std::nullopt;                  // show_existing_frame
  if (bits.read(1) != 0) return std::nullopt;                  // frame_type: 0 is a keyframe
  bits.read(2);                                                // show_frame, error_resilient_mode
  if (bits.read(24) != 0x498342) return std::nullopt;          // frame_sync_code
  const unsigned bit_depth = profile < 2 ? 8 : bits.read(1) != 0 ? 12 : 10;
  if (!bits.ok()) return std::nullopt;
  return vp9_string(profile, vp9_level(width, height), bit_depth);
}

std::optional<std::string> vp9_codec_string_from_vpcc(Bytes vpcc_payload) {
  if (vpcc_payload.size() < 7 || u8(vpcc_payload, 0) != 1) return std::nullopt;
  return vp9_string(u8(vpcc_payload, 4), u8(vpcc_payload, 5), u8(vpcc_payload, 6) >> 4);
}

std::optional<std::string> aac_codec_string(Bytes audio_specific_config) {
  BitReader bits(audio_specific_config);
  std::uint32_t object_type = bits.read(5);
  if (object_type == 31) object_type = 32 + bits.read(6);
  if (!bits.ok() || object_type == 0) return std::nullopt;
  return fmt::format("mp4a.40.{}", object_type);
}

}  // namespace framewire
