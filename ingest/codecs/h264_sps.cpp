#include "ingest/codecs/h264_sps.h"

#include <algorithm>

#include "ingest/codecs/nal_bits.h"

namespace framewire {
namespace {

constexpr unsigned kSpsType = 7;
constexpr unsigned kExtendedSar = 255;

bool has_chroma_format(unsigned profile) {
  constexpr unsigned kHigh[] = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135};
  return std::find(std::begin(kHigh), std::end(kHigh), profile) != std::end(kHigh);
}

void skip_scaling_list(NalBits& in, int size) {
  int last = 8, next = 8;
  for (int i = 0; i < size && in.good(); ++i) {
    if (next != 0) next = (last + in.se() % 256 + 256) % 256;
    last = next == 0 ? last : next;
  }
}

void read_chroma_format(NalBits& in, H264Sps& out) {
  out.chroma = in.ue();
  if (out.chroma == 3) out.separate_planes = in.flag();
  const std::uint32_t luma = in.ue(), chroma = in.ue();
  out.bit_depth = 8 + std::min<std::uint32_t>(std::max(luma, chroma), 8);
  in.flag();  // qpprime_y_zero_transform_bypass
  if (!in.flag()) return;
  for (int i = 0; i < (out.chroma == 3 ? 12 : 8); ++i)
    if (in.flag()) skip_scaling_list(in, i < 6 ? 16 : 64);
}

// Macroblocks of a level's decoded picture buffer.
std::uint32_t max_dpb_macroblocks(unsigned level) {
  constexpr struct {
    unsigned level;
    std::uint32_t macroblocks;
  } kRows[] = {{10, 396},    {11, 900},    {12, 2376},  {20, 2376},  {21, 4752},
               {30, 8100},   {31, 18000},  {32, 20480}, {41, 32768}, {42, 34816},
               {50, 110400}, {52, 184320}, {62, 696320}};
  for (const auto& row : kRows)
    if (level <= row.level) return row.macroblocks;
  return kRows[std::size(kRows) - 1].macroblocks;
}

void skip_hrd(NalBits& in) {
  const std::uint32_t count = in.ue() + 1;
  in.bits(8);
  for (std::uint32_t i = 0; i < std::min<std::uint32_t>(count, 32) && in.good(); ++i) {
    in.ue();
    in.ue();
    in.flag();
  }
  in.bits(20);
}

// The number of pictures that are reordered, if it is told.
std::optional<int> read_vui(NalBits& in, H264Sps& out) {
  if (in.flag() && in.bits(8) == kExtendedSar) in.bits(32);
  if (in.flag()) in.flag();  // overscan
  if (in.flag()) {           // video_signal_type
    in.bits(4);
    if (in.flag()) in.bits(24);
  }
  if (in.flag()) {  // chroma_loc_info
    in.ue();
    in.ue();
  }
  if (in.flag()) {  // timing_info
    const std::uint64_t tick = in.bits(32), scale = in.bits(32);
    in.flag();
    constexpr std::uint64_t kSecond = 1'000'000;
    if (in.good() && tick > 0 && scale > 0) {
      const std::uint64_t frame = 2 * kSecond * tick / scale;
      if (frame > 0 && frame <= kSecond) out.frame_us = static_cast<std::int64_t>(frame);
    }
  }
  const bool nal_hrd = in.flag();
  if (nal_hrd) skip_hrd(in);
  const bool vcl_hrd = in.flag();
  if (vcl_hrd) skip_hrd(in);
  if (nal_hrd || vcl_hrd) in.flag();
  in.flag();  // pic_struct_present
  if (!in.flag()) return std::nullopt;
  in.flag();
  for (int i = 0; i < 4; ++i) in.ue();
  const std::uint32_t reorder = in.ue();
  if (!in.good() || reorder > 16) return std::nullopt;
  return static_cast<int>(reorder);
}

}  // namespace

std::optional<H264Sps> read_h264_sps(Bytes nal) {
  NalBits in{nal};
  if ((in.bits(8) & 0x1f) != kSpsType) return std::nullopt;
  H264Sps out;
  out.profile = in.bits(8);
  const std::uint32_t constraints = in.bits(8);
  out.level = in.bits(8);
  in.ue();
  if (has_chroma_format(out.profile)) read_chroma_format(in, out);
  constexpr std::uint32_t kMostLog = 12;  // of what two fields count up to, less 4
  out.frame_num_bits = 4 + std::min(in.ue(), kMostLog);
  const std::uint32_t order = in.ue();
  if (order == 0) {
    out.order_bits = 4 + std::min(in.ue(), kMostLog);
  } else if (order == 1) {
    in.flag();
    in.se();
    in.se();
    const std::uint32_t cycle = in.ue();
    for (std::uint32_t i = 0; i < std::min<std::uint32_t>(cycle, 255) && in.good(); ++i) in.se();
  }
  const std::uint32_t references = in.ue();
  in.flag();
  const std::uint32_t across = in.ue() + 1, units = in.ue() + 1;
  const bool frames_only = in.flag();
  if (!frames_only) in.flag();
  in.flag();
  out.interlaced = !frames_only;
  const std::uint32_t down = units * (frames_only ? 1 : 2);
  if (!in.good() || across > 4096 || down > 8192) return std::nullopt;
  out.width = across * 16;
  out.height = down * 16;
  if (in.flag()) {
    const std::uint32_t x = out.chroma == 1 || out.chroma == 2 ? 2 : 1;
    const std::uint32_t y = (out.chroma == 1 ? 2 : 1) * (frames_only ? 1 : 2);
    std::uint32_t crop[4];
    for (std::uint32_t& side : crop) side = std::min(in.ue(), std::uint32_t{1} << 16);
    const std::uint32_t wide = (crop[0] + crop[1]) * x, high = (crop[2] + crop[3]) * y;
    if (wide < out.width && high < out.height) {
      out.width -= wide;
      out.height -= high;
    }
  }
  const bool vui = in.flag();
  if (!in.good()) return std::nullopt;
  const std::optional<int> told = vui ? read_vui(in, out) : std::nullopt;
  constexpr std::uint32_t kIntraOnly = 0x10;  // constraint_set3_flag
  const bool intra_only = (constraints & kIntraOnly) != 0 && out.profile >= 100;
  out.reorder_told = told.has_value();
  if (told) {
    out.reorder = *told;
  } else if (out.profile == 66 || order == 2 || intra_only || out.profile == 44) {
    out.reorder = 0;
  } else {
    const std::uint32_t held = max_dpb_macroblocks(out.level) / (across * down);
    out.reorder = static_cast<int>(std::min({held, references, std::uint32_t{16}}));
  }
  return out;
}

}  // namespace framewire
