#include "ingest/codecs/access_units.h"

namespace framewire {
namespace {

constexpr std::size_t kTold = 4;  // bytes of a NAL unit that tell where an access unit begins

// Exp-Golomb codes at the start of a slice header.
class Golomb {
 public:
  explicit Golomb(Bytes bytes) : bytes_(bytes) {}
  std::uint32_t next() {
    int zeros = 0;
    while (zeros < 16 && at_ < bytes_.size() * 8 && bit() == 0) ++zeros;
    std::uint32_t value = 1;
    for (int i = 0; i < zeros; ++i) value = value << 1 | bit();
    return value - 1;
  }

 private:
  std::uint32_t bit() {
    const std::size_t at = at_++;
    return at / 8 < bytes_.size() ? (u8(bytes_, at / 8) >> (7 - at % 8)) & 1u : 0u;
  }
  Bytes bytes_;
  std::size_t at_ = 0;
};

}  // namespace

void AccessUnits::reset() {
  at_ = 0;
  picture_ = keyframe_ = bidirectional_ = false;
}

// Says whether another unit begins with this NAL unit; if not, it is of this one.
bool AccessUnits::starts_unit(Bytes nal) {
  const int type = hevc_ ? (u8(nal, 0) >> 1) & 0x3f : u8(nal, 0) & 0x1f;
  const bool slice = hevc_ ? type <= 31 : type == 1 || type == 2 || type == 5;
  const Bytes header = nal.subspan(hevc_ ? 2 : 1);
  const bool first_slice = slice && (u8(header, 0) & 0x80) != 0;
  // Parameter sets, delimiter, prefix SEI, and what is reserved to stand before a picture.
  const bool before = hevc_ ? (type >= 32 && type <= 35) || type == 39 ||
                                  (type >= 41 && type <= 44) || (type >= 48 && type <= 55)
                            : (type >= 6 && type <= 9) || (type >= 14 && type <= 18);
  if (picture_ && (first_slice || before)) return true;
  if (!slice) return false;
  picture_ = true;
  keyframe_ = keyframe_ || (hevc_ ? type >= 16 && type <= 23 : type == 5);
  if (!hevc_) {
    Golomb golomb(header);
    golomb.next();  // first_mb_in_slice
    bidirectional_ = bidirectional_ || golomb.next() % 5 == 1;
  }
  return false;
}

std::size_t AccessUnits::scan(Bytes bytes) {
  for (; at_ + 3 + kTold <= bytes.size(); ++at_) {
    if (u8(bytes, at_) != 0 || u8(bytes, at_ + 1) != 0 || u8(bytes, at_ + 2) != 1) continue;
    if (!starts_unit(bytes.subspan(at_ + 3, kTold))) continue;
    const bool long_code = at_ > 0 && u8(bytes, at_ - 1) == 0;
    return long_code ? at_ - 1 : at_;
  }
  return 0;
}

}  // namespace framewire
