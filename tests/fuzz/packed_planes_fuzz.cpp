// Packed planes unpack, or are refused, whatever they are; and twice to the same. The first two
// bytes are the picture's sides.
#include <vector>

#include "ingest/pictures/packed_planes.h"
#include "tests/fuzz/cutter_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace framewire;
  if (size < 2) return 0;
  const std::size_t width = data[0] % 80 + 1u, height = data[1] % 20 + 1u;
  const Bytes packed = std::as_bytes(std::span{data + 2, size - 2});
  const bool alpha = (data[1] & 128) != 0;
  for (const auto& shapes : {i420_planes(width, height), colour_planes(width, height, alpha)}) {
    PlaneUnpacker first{shapes}, second{shapes};
    const bool good = first.unpack(packed).has_value();
    (void)second.unpack(packed);
    fuzz::check(second.unpack(packed).has_value() == good, "it is good or not, each time");
    for (std::size_t n = 0; good && n < shapes.size(); ++n)
      fuzz::check(std::equal(first.plane(n), first.plane(n) + shapes[n].bytes, second.plane(n)),
                  "the same planes each time");
    if (good && shapes.front().stride == shapes.back().stride) {
      std::vector<std::uint8_t> pixels(4 * width * height);
      join_colours(first, shapes.size() > 3, width * height, pixels.data());
    }
  }
  return 0;
}
