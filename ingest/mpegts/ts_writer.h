// Writes an MPEG transport stream of one program with one elementary stream: for what comes without
// a container. Times are 90 kHz and wrap at 33 bits. Source: ISO/IEC 13818-1, 2.4.3 and 2.4.4.
#pragma once
#include <cstdint>

#include "ingest/base/bytes.h"

namespace framewire::ts {

class Writer {
 public:
  // stream_type: ISO/IEC 13818-1, table 2-34.
  explicit Writer(std::uint8_t stream_type, bool video)
      : stream_type_(stream_type), video_(video) {}

  // PAT and PMT.
  void tables(Buffer& to);
  // One access unit as a PES packet, with a PCR. random_access: decoding may begin here.
  void access_unit(Buffer& to, Bytes unit, std::int64_t pts, std::int64_t dts, bool random_access);

 private:
  void section(Buffer& to, std::uint16_t pid, std::uint8_t& counter, Bytes section);

  std::uint8_t stream_type_;
  bool video_;
  std::uint8_t pat_counter_ = 0, pmt_counter_ = 0, counter_ = 0;
};

}  // namespace framewire::ts
