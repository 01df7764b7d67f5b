#include "ingest/codecs/picture_order.h"

#include <algorithm>
#include <cstdlib>

#include "ingest/codecs/h264_sps.h"
#include "ingest/codecs/nal_bits.h"

namespace framewire {
namespace {

// What is read of a slice lies in its first bytes.
constexpr std::size_t kSliceHead = 64;
constexpr unsigned kMostOrderBits = 16;
constexpr std::uint32_t kMostReorder = 16;  // H.265, annex A.4.2: MaxDpbSize

unsigned byte_at(Bytes bytes, std::size_t at) {
  return std::to_integer<unsigned>(bytes[at]);
}

namespace h264 {
constexpr unsigned kSlice = 1, kPartition = 2, kIdr = 5, kSps = 7;
unsigned type(Bytes nal) {
  return byte_at(nal, 0) & 0x1f;
}
}  // namespace h264

namespace hevc {
constexpr std::size_t kHeader = 2;
constexpr unsigned kFirstLeading = 6, kLastLeading = 9, kLastSubLayer = 15;
constexpr unsigned kBla = 16, kIdrWithLeading = 19, kIdr = 20, kCra = 21, kLastIrap = 23;
constexpr unsigned kLastSlice = 31, kSps = 33, kPps = 34;
unsigned type(Bytes nal) {
  return byte_at(nal, 0) >> 1 & 0x3f;
}
}  // namespace hevc

}  // namespace

// H.264 counts fields.
PictureOrder::PictureOrder(Codec codec, Bytes configuration)
    : codec_(codec), step_(codec == Codec::h264 ? 2 : 1) {
  read_configuration(configuration);
}

//  avcC: 1 | profile, compatibility, level | 6 bits, length size - 1: 2 | 3 bits, sets: 5 | ...
//  hvcC: 1 | 20 bytes | 6 bits, length size - 1: 2 | arrays | type, sets: 16 | size: 16, set | ...
void PictureOrder::read_configuration(Bytes bytes) {
  const bool avc = codec_ == Codec::h264;
  const std::size_t head = avc ? 5 : 22;
  if (bytes.size() <= head || byte_at(bytes, 0) != 1)
    return each_nal(bytes, 0, [&](Bytes nal) { return read_set(nal), true; });
  length_size_ = (byte_at(bytes, head - 1) & 3) + 1;
  std::size_t at = head;
  const auto read_sets = [&](std::size_t count) {
    for (; count > 0 && at + 2 <= bytes.size(); --count) {
      const std::size_t size = load_be<std::uint16_t>(bytes, at);
      at += 2;
      if (size > bytes.size() - at) return;
      read_set(bytes.subspan(at, size));
      at += size;
    }
  };
  if (avc) return read_sets(byte_at(bytes, at++) & 0x1f);
  for (std::size_t arrays = byte_at(bytes, at++); arrays > 0 && at + 3 <= bytes.size(); --arrays) {
    const std::size_t count = load_be<std::uint16_t>(bytes, at + 1);
    at += 3;
    read_sets(count);
  }
}

// take: of each NAL unit, true as long as more are wanted.
template <class Take>
void PictureOrder::each_nal(Bytes unit, std::size_t length_size, Take take) const {
  if (length_size > 0) {
    while (unit.size() > length_size) {
      std::size_t size = 0;
      for (std::size_t i = 0; i < length_size; ++i) size = size << 8 | byte_at(unit, i);
      unit = unit.subspan(length_size);
      size = std::min(size, unit.size());
      if (size > 0 && !take(unit.first(size))) return;
      unit = unit.subspan(size);
    }
    return;
  }
  constexpr std::size_t kNone = ~std::size_t{0};
  std::size_t begin = kNone;
  for (std::size_t at = 0; at + 3 <= unit.size(); ++at) {
    if (byte_at(unit, at) != 0 || byte_at(unit, at + 1) != 0 || byte_at(unit, at + 2) != 1)
      continue;
    if (begin < at && !take(unit.subspan(begin, at - begin))) return;
    begin = at + 3;
    // Of a slice the rest need not be looked through.
    if (begin < unit.size() && is_slice(unit.subspan(begin))) break;
    at += 2;
  }
  if (begin < unit.size()) take(unit.subspan(begin));
}

bool PictureOrder::is_slice(Bytes nal) const {
  if (codec_ == Codec::hevc) return hevc::type(nal) <= hevc::kLastSlice;
  const unsigned type = h264::type(nal);
  return type == h264::kSlice || type == h264::kPartition || type == h264::kIdr;
}

void PictureOrder::read_set(Bytes nal) {
  if (nal.empty()) return;
  if (codec_ == Codec::h264) {
    if (h264::type(nal) != h264::kSps) return;
    const auto sps = read_h264_sps(nal);
    if (!sps) return;
    reorder_ = sps->reorder;
    reorder_told_ = sps->reorder_told;
    order_bits_ = sps->order_bits;
    frame_num_bits_ = sps->frame_num_bits;
    separate_planes_ = sps->separate_planes;
    fields_ = sps->interlaced;
    return;
  }
  if (hevc::type(nal) == hevc::kSps) read_hevc_sps(nal);
  if (hevc::type(nal) == hevc::kPps) read_hevc_pps(nal);
}

void PictureOrder::read_hevc_sps(Bytes nal) {
  if (nal.size() <= hevc::kHeader) return;
  NalBits in{nal.subspan(hevc::kHeader)};
  in.bits(4);
  const unsigned sub_layers = in.bits(3);  // less 1
  in.flag();
  constexpr unsigned kProfileBits = 88, kLevelBits = 8;
  in.bits(kProfileBits + kLevelBits);
  bool has_profile[8] = {}, has_level[8] = {};
  for (unsigned i = 0; i < sub_layers; ++i) {
    has_profile[i] = in.flag();
    has_level[i] = in.flag();
  }
  if (sub_layers > 0) in.bits(2 * (8 - sub_layers));
  for (unsigned i = 0; i < sub_layers; ++i)
    in.bits((has_profile[i] ? kProfileBits : 0) + (has_level[i] ? kLevelBits : 0));
  in.ue();
  const bool separate = in.ue() == 3 && in.flag();
  in.ue();
  in.ue();
  if (in.flag())
    for (int side = 0; side < 4; ++side) in.ue();
  in.ue();
  in.ue();
  const unsigned order_bits = 4 + std::min(in.ue(), kMostOrderBits - 4);
  std::uint32_t reorder = 0;  // of the last sub-layer: of all
  for (unsigned i = in.flag() ? 0 : sub_layers; i <= sub_layers; ++i) {
    in.ue();
    reorder = in.ue();
    in.ue();
  }
  if (!in.good()) return;
  reorder_told_ = true;
  reorder_ = static_cast<int>(std::min(reorder, kMostReorder));
  separate_planes_ = separate;
  order_bits_ = order_bits;
}

void PictureOrder::read_hevc_pps(Bytes nal) {
  if (nal.size() <= hevc::kHeader) return;
  NalBits in{nal.subspan(hevc::kHeader)};
  in.ue();
  in.ue();
  in.flag();
  output_flag_ = in.flag();
  extra_bits_ = in.bits(3);
}

std::optional<PictureOrder::Slice> PictureOrder::read_slice(Bytes nal) const {
  if (order_bits_ == 0) return std::nullopt;
  nal = nal.first(std::min(nal.size(), kSliceHead));
  return codec_ == Codec::h264 ? read_h264_slice(nal) : read_hevc_slice(nal);
}

std::optional<PictureOrder::Slice> PictureOrder::read_h264_slice(Bytes nal) const {
  NalBits in{nal};
  in.flag();
  Slice out;
  out.counts_on = in.bits(2) != 0;
  out.begins = in.bits(5) == h264::kIdr;
  in.ue();
  in.ue();
  in.ue();
  if (separate_planes_) in.bits(2);
  in.bits(frame_num_bits_);
  if (fields_ && in.flag()) in.flag();
  if (out.begins) in.ue();
  out.bits = order_bits_;
  out.lsb = in.bits(order_bits_);
  return in.good() ? std::optional{out} : std::nullopt;
}

std::optional<PictureOrder::Slice> PictureOrder::read_hevc_slice(Bytes nal) const {
  NalBits in{nal};
  in.flag();
  const unsigned type = in.bits(6);
  in.bits(6);
  const unsigned layer = in.bits(3);  // temporal, more 1
  const bool first_slice = in.flag();
  if (!first_slice) return std::nullopt;
  if (type >= hevc::kBla && type <= hevc::kLastIrap) in.flag();
  in.ue();
  in.bits(extra_bits_);
  in.ue();
  if (output_flag_) in.flag();
  if (separate_planes_) in.bits(2);
  Slice out;
  const bool idr = type == hevc::kIdrWithLeading || type == hevc::kIdr;
  out.begins = (type >= hevc::kBla && type <= hevc::kIdr) || (type == hevc::kCra && !began_);
  out.leads = out.begins && type != hevc::kIdr && began_;
  const bool referred = type > hevc::kLastSubLayer || type % 2 == 1;
  const bool leading = type >= hevc::kFirstLeading && type <= hevc::kLastLeading;
  out.counts_on = layer == 1 && referred && !leading;
  out.bits = order_bits_;
  if (!idr) out.lsb = in.bits(order_bits_);
  return in.good() ? std::optional{out} : std::nullopt;
}

std::int64_t PictureOrder::count(const Slice& slice) {
  const std::int64_t period = std::int64_t{1} << slice.bits;
  if (slice.begins) {
    if (began_) base_ = greatest_ + (slice.leads ? 2 * kFar : step_) - slice.lsb;
    last_msb_ = last_lsb_ = 0;
  }
  std::int64_t msb = slice.begins ? 0 : last_msb_;
  if (!slice.begins) {
    if (slice.lsb < last_lsb_ && last_lsb_ - slice.lsb >= period / 2) msb += period;
    if (slice.lsb > last_lsb_ && slice.lsb - last_lsb_ > period / 2) msb -= period;
  }
  if (slice.counts_on) {
    last_msb_ = msb;
    last_lsb_ = slice.lsb;
  }
  const std::int64_t order = base_ + msb + slice.lsb;
  if (began_ && !slice.begins && order != newest_)
    step_ = std::min(step_, std::abs(order - newest_));
  greatest_ = began_ ? std::max(greatest_, order) : order;
  newest_ = order;
  began_ = true;
  return order;
}

std::optional<std::int64_t> PictureOrder::next(Bytes access_unit) {
  std::optional<std::int64_t> order;
  each_nal(access_unit, length_size_, [&](Bytes nal) {
    if (!is_slice(nal)) return read_set(nal), true;
    if (const auto slice = read_slice(nal)) order = count(*slice);
    return false;
  });
  return order;
}

}  // namespace framewire
