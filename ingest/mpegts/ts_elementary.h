// What the bytes of an elementary stream tell, packet by packet: codec strings, and whether an
// access unit is a place to join.
// Sources: ISO/IEC 14496-10, 7.3.1 and table 7-1 (H.264); ITU-T H.265, 7.3.1 and table 7-1;
// ISO/IEC 13818-2, 6.2 (MPEG-2 video start codes).
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "ingest/base/bytes.h"
#include "ingest/cut/cutter.h"
#include "ingest/mpegts/ts_program.h"

namespace framewire::ts {

// Finds start codes, 00 00 01, over packet boundaries.
class StartCodes {
 public:
  // Calls on_byte(byte, distance) for each of the `reach` bytes that follow a start code, distance
  // from 0, until it returns false. False: it did.
  template <class OnByte>
  bool scan(Bytes bytes, int reach, OnByte on_byte) {
    for (const std::byte b : bytes) {
      const auto byte = std::to_integer<std::uint8_t>(b);
      if (distance_ < reach && !on_byte(byte, distance_++)) return false;
      last_ = (last_ << 8) | byte;
      if ((last_ & 0xffffff) == 1) distance_ = 0;
    }
    return true;
  }

 private:
  std::uint32_t last_ = 0xffffffff;
  int distance_ = 1 << 20;  // of the next byte from a start code; at first far
};

// Looks through an access unit for its first picture.
class KeyframeScan {
 public:
  explicit KeyframeScan(Codec codec) : codec_(codec) {}
  // nullopt: more bytes are needed. Codecs it cannot look into are never keyframes here; the
  // random_access_indicator tells of those.
  std::optional<bool> feed(Bytes elementary);

 private:
  Codec codec_;
  StartCodes codes_;
};

// Learns what a stream is.
class TrackScan {
 public:
  explicit TrackScan(Codec codec);
  // pes_start: elementary begins with an access unit.
  void feed(Bytes elementary, bool pes_start);
  bool known() const { return known_; }
  const TrackInfo& info() const { return info_; }

 private:
  void read_sps(Bytes elementary);

  Codec codec_;
  TrackInfo info_;
  bool known_ = false;
  StartCodes codes_;
  bool in_sps_ = false;
  Buffer sps_;
};

}  // namespace framewire::ts
