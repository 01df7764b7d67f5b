// Reads the bits of a NAL unit's payload, H.264 and HEVC: fixed counts, flags, Exp-Golomb codes.
// Never past the bytes given: what is not there reads as 0, and good() is false from then on.
// Sources: ITU-T H.264, 7.2, 7.4.1 (emulation prevention) and 9.1; ITU-T H.265, 7.2 and 9.2.
#pragma once
#include <cstddef>
#include <cstdint>

#include "ingest/base/bytes.h"

namespace framewire {

class NalBits {
 public:
  // The raw byte sequence payload: emulation prevention bytes (00 00 03) are left out.
  explicit NalBits(Bytes nal) {
    unsigned zeros = 0;
    for (const std::byte byte : nal) {
      if (zeros >= 2 && byte == std::byte{3}) {
        zeros = 0;
        continue;
      }
      zeros = byte == std::byte{0} ? zeros + 1 : 0;
      payload_.push_back(byte);
    }
  }
  bool good() const { return good_; }
  std::uint32_t bits(unsigned count) {
    std::uint32_t value = 0;
    for (; count > 0; --count, ++at_) {
      if (at_ / 8 >= payload_.size()) {
        good_ = false;
        return 0;
      }
      value = value << 1 | ((std::to_integer<unsigned>(payload_[at_ / 8]) >> (7 - at_ % 8)) & 1);
    }
    return value;
  }
  bool flag() { return bits(1) != 0; }
  std::uint32_t ue() {
    constexpr unsigned kMostZeros = 33;  // in front of an Exp-Golomb code
    unsigned zeros = 0;
    while (good_ && !flag())
      if (++zeros == kMostZeros) good_ = false;
    if (!good_ || zeros > 31) return 0;
    return (std::uint32_t{1} << zeros) - 1 + bits(zeros);
  }
  std::int32_t se() {
    const std::uint32_t code = ue();
    const auto half = static_cast<std::int32_t>(code / 2);
    return code % 2 == 0 ? -half : half + 1;
  }

 private:
  Buffer payload_;
  std::size_t at_ = 0;
  bool good_ = true;
};

}  // namespace framewire
