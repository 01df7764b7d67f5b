// Streams without a container, put into one: the first byte chooses which.
#include <array>

#include "ingest/intake/make_cutter.h"
#include "tests/fuzz/cutter_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace framewire;
  constexpr std::array kFormats = {Format::h264, Format::hevc, Format::aac, Format::mp3,
                                   Format::wav};
  if (size == 0) return 0;
  const Format format = kFormats[data[0] % kFormats.size()];
  fuzz::Expectations expect;
  expect.origin = fuzz::Origin::made;
  expect.joinable = false;
  return fuzz::fuzz_cutter(
      data + 1, size - 1,
      [format](const CutterOptions& options, PartSink& sink) {
        return *make_cutter(format, options, sink);
      },
      expect);
}
