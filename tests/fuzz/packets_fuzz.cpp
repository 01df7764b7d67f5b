#include "ingest/packets/packets_cutter.h"
#include "tests/fuzz/cutter_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return framewire::fuzz::fuzz_cutter(data, size, framewire::make_packets_cutter);
}
