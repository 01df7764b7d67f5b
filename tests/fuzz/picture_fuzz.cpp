// The pictures' cutters and, for they are small, rgba's and binary's: the first byte chooses.
#include <array>

#include "ingest/intake/make_cutter.h"
#include "tests/fuzz/cutter_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace framewire;
  constexpr std::array kFormats = {Format::jpeg, Format::png, Format::webp, Format::rgba,
                                   Format::binary};
  if (size == 0) return 0;
  const Format format = kFormats[data[0] % kFormats.size()];
  fuzz::Expectations expect;
  expect.has_init = false;
  if (is_pictures(format) && format != Format::rgba) expect.origin = fuzz::Origin::left_out;
  return fuzz::fuzz_cutter(
      data + 1, size - 1,
      [format](const CutterOptions& options, PartSink& sink) {
        return *make_cutter(format, options, sink);
      },
      expect);
}
