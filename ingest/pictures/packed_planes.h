// Planes that a page has packed without a loss (PROTOCOL.md, "Packed planes"): pictures of a canvas
// on their way to the encoder.
//
//   heads    of each block, 4 bits, the lower ones first; all planes' blocks follow one another
//   data     of each block what its head says
//
// A block is 16 bytes of a plane, one after another, whatever its rows; the last one of a plane is
// filled up. A row has 16 bytes at least. Head: bits 0 to 2 are the width of its values, 0 to 4 for
// 0, 1, 2, 4 and 8 bits; bit 3: the value is the difference to the byte before, else to that plus
// what the row above went up there. What lies before a plane is 0. Values are 2d, or -2d - 1 if d
// is negative, the first one in the lowest bits.
//
// Thread: one each. Errors: malformed_media: no such width, or another number of bytes than the
// heads say; the planes are then of no use.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"

namespace framewire {

struct PlaneShape {
  std::size_t bytes = 0;
  std::size_t stride = 0;  // of a row
};
// Y, U and V, these of half the sides, rounded up.
std::vector<PlaneShape> i420_planes(std::size_t width, std::size_t height);
// Green, red less green, blue less green, and alpha.
std::vector<PlaneShape> colour_planes(std::size_t width, std::size_t height, bool alpha);

class PlaneUnpacker {
 public:
  // Narrower rows than a block: nothing unpacks.
  explicit PlaneUnpacker(const std::vector<PlaneShape>& shapes);
  Result<void> unpack(Bytes packed);
  // What was unpacked last, row after row without gaps. Zeros before anything was.
  std::uint8_t* plane(std::size_t number) { return room_.data() + planes_[number].at; }

 private:
  struct Plane {
    std::size_t at;  // in the room
    std::size_t blocks;
    std::size_t stride;
  };
  std::vector<Plane> planes_;
  std::size_t blocks_ = 0;
  bool narrow_ = false;
  std::vector<std::uint8_t> room_;  // before each plane a row and a byte of zeros
};

// Of colour_planes() RGBA, row after row. to: 4 bytes for each of `count` pixels.
void join_colours(PlaneUnpacker& planes, bool alpha, std::size_t count, std::uint8_t* to);

}  // namespace framewire
