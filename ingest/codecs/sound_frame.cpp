#include "ingest/codecs/sound_frame.h"

#include <array>

namespace framewire {
namespace {

std::uint32_t octet(Bytes bytes, std::size_t at) {
  return u8(bytes, at);
}

//  FFF:12 id:1 layer:2 (0) no_crc:1 | profile:2 rate:4 private:1 channels:3 .. | length:13 ...
std::optional<SoundFrame> read_adts(Bytes head) {
  constexpr std::array<std::uint32_t, 13> kRates = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                                    22050, 16000, 12000, 11025, 8000,  7350};
  if (octet(head, 0) != 0xff || (octet(head, 1) & 0xf6) != 0xf0) return std::nullopt;
  const std::size_t rate = (octet(head, 2) >> 2) & 15;
  const std::size_t length = (octet(head, 3) & 3) << 11 | octet(head, 4) << 3 | octet(head, 5) >> 5;
  if (rate >= kRates.size() || length < 7) return std::nullopt;
  return SoundFrame{length, 1024, kRates[rate]};
}

//  sync:11 version:2 layer:2 no_crc:1 | bit rate:4 rate:2 padding:1 private:1 | ...
//  version: 0 MPEG-2.5, 2 MPEG-2, 3 MPEG-1; layer: 1 III, 2 II, 3 I
std::optional<SoundFrame> read_mpeg_audio(Bytes head) {
  constexpr std::array<std::array<std::uint16_t, 15>, 5> kKbps = {{
      {0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},  // MPEG-1, layer I
      {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},     // II
      {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},      // III
      {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},     // MPEG-2, layer I
      {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160},          // II and III
  }};
  constexpr std::array<std::uint32_t, 3> kRates = {44100, 48000, 32000};
  const std::uint32_t version = (octet(head, 1) >> 3) & 3;
  const std::uint32_t layer = 4 - ((octet(head, 1) >> 1) & 3);  // 4: none
  const std::size_t bit_rate = octet(head, 2) >> 4;
  const std::size_t rate = (octet(head, 2) >> 2) & 3;
  if (octet(head, 0) != 0xff || (octet(head, 1) & 0xe0) != 0xe0 || version == 1 || layer == 4 ||
      bit_rate == 0 || bit_rate == 15 || rate == 3)
    return std::nullopt;
  const bool mpeg1 = version == 3;
  const std::size_t row = mpeg1 ? layer - 1 : layer == 1 ? 3 : 4;
  const std::uint32_t bps = kKbps[row][bit_rate] * 1000u;
  SoundFrame frame;
  frame.sample_rate = kRates[rate] >> (mpeg1 ? 0 : version == 2 ? 1 : 2);
  frame.samples = layer == 1 ? 384 : layer == 3 && !mpeg1 ? 576 : 1152;
  const std::uint32_t padding = (octet(head, 2) >> 1) & 1;
  frame.bytes = layer == 1 ? (12 * bps / frame.sample_rate + padding) * 4
                           : frame.samples / 8 * bps / frame.sample_rate + padding;
  return frame;
}

}  // namespace

std::optional<SoundFrame> read_sound_frame(Format format, Bytes head) {
  return format == Format::aac ? read_adts(head) : read_mpeg_audio(head);
}

//  "ID3" version(2) flags(1) size: 4 x 7 bits; bit 4 of the flags: 10 more bytes at the end
std::size_t id3_bytes(Bytes head) {
  if (head.size() < kId3Head || as_text(head.first(3)) != "ID3") return 0;
  std::size_t size = 0;
  for (std::size_t i = 6; i < kId3Head; ++i) size = size << 7 | (octet(head, i) & 0x7f);
  return kId3Head + size + ((octet(head, 5) & 0x10) != 0 ? kId3Head : 0);
}

}  // namespace framewire
