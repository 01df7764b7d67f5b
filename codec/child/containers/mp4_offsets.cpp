#include "codec/child/containers/mp4_offsets.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace framewire::codec {
namespace {

constexpr std::size_t kMp4ReadBytes = 32u << 10;
constexpr std::size_t kHead = 8;
constexpr std::size_t kLongHead = 16;
constexpr std::size_t kLargestFragmentHead = 16u << 20;
constexpr std::size_t kMostTracks = 64;
// Of a track: as many times its offsets may reach further back. What was read long ago is forgotten
// first, but for the first of them, which lead() tells.
constexpr std::size_t kMostSteps = 256;

std::uint32_t u32(Bytes from, std::size_t at) {
  return load_be<std::uint32_t>(from, at);
}

// Calls take(type, content) for each whole box.
template <class Take>
void for_boxes(std::span<std::byte> in, const Take& take) {
  while (in.size() >= kHead) {
    const std::size_t size = u32(in, 0);
    if (size < kHead || size > in.size()) return;
    take(as_text(Bytes{in}.subspan(4, 4)), in.subspan(kHead, size - kHead));
    in = in.subspan(size);
  }
}

}  // namespace

bool Mp4Offsets::fill(std::size_t wanted) {
  while (held_.size() - good_ < wanted) {
    if (ended_) return false;
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(given_));
    position_ += static_cast<std::int64_t>(given_);
    good_ -= given_;
    given_ = 0;
    const std::size_t size = held_.size();
    held_.resize(size + kMp4ReadBytes);
    const int got = from_(std::span{held_}.subspan(size));
    held_.resize(size + static_cast<std::size_t>(std::max(got, 0)));
    if (got <= 0) {
      from_ended_ = got;
      ended_ = true;
      return false;
    }
  }
  return true;
}

bool Mp4Offsets::advance() {
  // What is no whole box is for the demuxer to judge.
  const auto rest = [this] {
    good_ = held_.size();
    return good_ > given_;
  };
  if (left_ > 0) {
    if (!fill(1)) return rest();
    const std::size_t size =
        static_cast<std::size_t>(std::min<std::uint64_t>(left_, held_.size() - good_));
    good_ += size;
    left_ -= size;
    return true;
  }
  if (!fill(kHead)) return rest();
  std::uint64_t size = u32(held_, good_);
  if (size == 1) {
    if (!fill(kLongHead)) return rest();
    size = load_be<std::uint64_t>(held_, good_ + kHead);
  }
  const bool moof = as_text(Bytes{held_}.subspan(good_ + 4, 4)) == "moof";
  if (!moof || size < kHead || size > kLargestFragmentHead) {
    // A box without an end goes on to the end.
    left_ = size < kHead ? UINT64_MAX : size;
    return advance();
  }
  const auto whole = static_cast<std::size_t>(size);
  if (!fill(whole)) return rest();
  mend_fragment(std::span{held_}.subspan(good_, whole));
  good_ += whole;
  return true;
}

void Mp4Offsets::mend_fragment(std::span<std::byte> moof) {
  const std::size_t head = u32(moof, 0) == 1 ? kLongHead : kHead;
  for_boxes(moof.subspan(head), [this](std::string_view type, std::span<std::byte> content) {
    if (type == "traf") mend_track(content);
  });
}

//  tfhd: version(1) flags(3) track(4) ...
void Mp4Offsets::mend_track(std::span<std::byte> traf) {
  std::uint32_t track = 0;
  for_boxes(traf, [&](std::string_view type, std::span<std::byte> content) {
    if (type == "tfhd" && content.size() >= 8) track = u32(content, 4);
    if (type == "trun" && content.size() >= 8) mend_run(content, track);
  });
}

//  trun: version(1) flags(3) samples(4) [ data offset(4) ] [ first sample's flags(4) ]
//        for each: [ duration(4) ] [ size(4) ] [ flags(4) ] [ composition offset(4) ]
void Mp4Offsets::mend_run(std::span<std::byte> trun, std::uint32_t track) {
  constexpr std::uint32_t kDataOffset = 1, kFirstFlags = 4, kOffsets = 0x800;
  const std::uint32_t flags = u32(trun, 0) & 0xffffff;
  const bool is_signed = std::to_integer<unsigned>(trun[0]) > 0;
  if ((flags & kOffsets) == 0) return;
  std::size_t before = 0;  // in each sample
  for (const std::uint32_t field : {0x100u, 0x200u, 0x400u}) before += (flags & field) ? 4 : 0;
  std::size_t first = 8;
  for (const std::uint32_t field : {kDataOffset, kFirstFlags}) first += (flags & field) ? 4 : 0;
  const std::size_t each = before + 4;
  const std::size_t samples =
      std::min<std::size_t>(u32(trun, 4), (trun.size() - std::min(first, trun.size())) / each);
  const auto offset = [&](std::size_t i) { return trun.subspan(first + i * each + before, 4); };

  if (delays_.size() >= kMostTracks && !delays_.contains(track)) return;
  std::vector<Delay>& known = delays_[track];
  if (is_signed) signed_.insert(track);
  const std::int64_t by_before = known.empty() ? 0 : known.back().by;
  std::int64_t by = by_before;
  for (std::size_t i = 0; i < samples && is_signed; ++i)
    by = std::max(by, -std::int64_t{static_cast<std::int32_t>(u32(offset(i), 0))});
  if (known.size() >= kMostSteps && by > by_before) known.erase(known.begin() + 1);
  if (known.empty() || by > by_before)
    known.push_back({position_ + static_cast<std::int64_t>(good_), by});
  if (by == 0) return;
  for (std::size_t i = 0; i < samples; ++i)
    store_be(offset(i).data(), u32(offset(i), 0) + static_cast<std::uint32_t>(by));
}

std::int64_t Mp4Offsets::delay(std::uint32_t track, std::int64_t at) const {
  const auto known = delays_.find(track);
  if (known == delays_.end()) return 0;
  std::int64_t by = 0;
  for (const Delay& one : known->second)
    if (one.from <= at) by = one.by;
  return by;
}

std::int64_t Mp4Offsets::lead(std::uint32_t track) const {
  const auto known = delays_.find(track);
  return known == delays_.end() ? 0 : known->second.front().by;
}

bool Mp4Offsets::normalized() const {
  return std::any_of(delays_.begin(), delays_.end(),
                     [](const auto& track) { return track.second.back().by > 0; });
}

int Mp4Offsets::read(std::span<std::byte> to) {
  while (given_ == good_)
    if (!advance()) return from_ended_;
  const std::size_t size = std::min(to.size(), good_ - given_);
  std::memcpy(to.data(), held_.data() + given_, size);
  given_ += size;
  return static_cast<int>(size);
}

}  // namespace framewire::codec
