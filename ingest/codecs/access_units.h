// Finds the access units of H.264 and HEVC in Annex B form.
// Sources: ISO/IEC 14496-10, 7.4.1.2.3 and annex B; ITU-T H.265, 7.4.2.4.4 and annex B.
#pragma once
#include <cstddef>
#include <cstdint>

#include "ingest/base/bytes.h"
#include "ingest/base/format.h"

namespace framewire {

class AccessUnits {
 public:
  // format: h264 or hevc.
  explicit AccessUnits(Format format) : hevc_(format == Format::hevc) {}

  // bytes: from the first byte of a unit on; each call the same and perhaps more behind them.
  // The length of that unit, once the next one has begun; 0: more bytes are needed.
  std::size_t scan(Bytes bytes);
  // Of the unit found last, or what was scanned of the next one.
  bool has_picture() const { return picture_; }
  bool keyframe() const { return keyframe_; }
  bool bidirectional() const { return bidirectional_; }  // H.264: it has a B slice
  // Before the next unit.
  void reset();

 private:
  bool starts_unit(Bytes nal);

  const bool hevc_;
  std::size_t at_ = 0;  // where the search for start codes goes on
  bool picture_ = false;
  bool keyframe_ = false;
  bool bidirectional_ = false;
};

}  // namespace framewire
