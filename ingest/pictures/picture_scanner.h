// Finds where a JPEG, PNG or WebP picture ends, and its size, by its structure alone: nothing is
// decoded, no checksum is checked. A JPEG may lack its end: the next picture ends it. A scanner
// goes on where it stopped, so a picture that comes byte by byte is read once. Sources: ITU-T T.81
// annex B (JPEG); W3C PNG, section 5; RFC 9649 (WebP).
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "ingest/base/bytes.h"
#include "ingest/base/format.h"

namespace framewire {

struct PictureScan {
  enum class State : std::uint8_t { more, whole, malformed };
  State state = State::more;
  // whole: the picture's length. more: bytes it has at least. malformed: where, from its start.
  std::uint64_t at = 0;
  std::string_view what;  // malformed: static text
};

class PictureScanner {
 public:
  virtual ~PictureScanner() = default;
  // bytes: from the picture's first byte on; each call the same bytes and perhaps more behind them.
  virtual PictureScan scan(Bytes bytes) = 0;
  virtual void reset() = 0;  // before the next picture
  // Bytes of what follows a picture that begin no other one; the last few may be undecided.
  std::size_t junk(Bytes bytes) const;
  bool begins(Bytes bytes) const;  // with a picture's first bytes, all of them
  // What was scanned is a picture, but for the marker of its end.
  virtual bool lacks_only_its_end() const { return false; }
  // Several pictures in one: the first is the one that counts.
  bool animated() const { return animated_; }
  // Pixels; 0 until known. A whole picture has both.
  std::uint32_t width() const { return width_; }
  std::uint32_t height() const { return height_; }

 protected:
  static PictureScan more(std::uint64_t at_least) {
    return {PictureScan::State::more, at_least, {}};
  }
  static PictureScan whole(std::uint64_t length) { return {PictureScan::State::whole, length, {}}; }
  static PictureScan malformed(std::uint64_t at, std::string_view what) {
    return {PictureScan::State::malformed, at, what};
  }
  std::uint32_t width_ = 0;
  std::uint32_t height_ = 0;
  bool animated_ = false;

 private:
  virtual std::string_view magic() const = 0;
};

// format: jpeg, png or webp.
std::unique_ptr<PictureScanner> make_picture_scanner(Format format);

}  // namespace framewire
