#include "cutter_fuzz.h"
#include "ingest/webm/webm_cutter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  framewire::fuzz::Expectations expect;
  expect.origin = framewire::fuzz::Origin::left_out;  // attachments over the limit
  return framewire::fuzz::fuzz_cutter(data, size, framewire::make_webm_cutter, expect);
}
