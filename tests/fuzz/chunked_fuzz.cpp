// A chunked body gives the same payload however it is cut, never more than it holds, and stops at
// the same byte.
#include "relay/http/chunked.h"
#include "tests/fuzz/cutter_fuzz.h"

namespace {

using namespace framewire;

struct Outcome {
  Buffer payload;
  bool failed = false;
  bool done = false;
  std::size_t left = 0;
};

Outcome decode(Bytes input, std::size_t cut) {
  relay::ChunkedDecoder decoder;
  Outcome out;
  for (std::size_t at = 0; at < input.size() && !out.failed; at += cut) {
    Bytes piece = input.subspan(at, std::min(cut, input.size() - at));
    out.failed = !decoder.feed(piece, [&](Bytes data) { append(out.payload, data); });
    if (!out.failed) out.left += piece.size();
  }
  out.done = decoder.done();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input = std::as_bytes(std::span{data, size});
  const Outcome whole = decode(input, std::max<std::size_t>(size, 1));
  const Outcome bytes = decode(input, 1);
  const Outcome odd = decode(input, 7);
  fuzz::check(whole.payload == bytes.payload && whole.payload == odd.payload,
              "the payload does not depend on the cuts");
  fuzz::check(whole.left == bytes.left && whole.left == odd.left, "nor does what is left");
  fuzz::check(whole.failed == bytes.failed && whole.failed == odd.failed, "nor does the error");
  fuzz::check(whole.payload.size() <= input.size(), "no byte is made up");
  fuzz::check(!(whole.failed && whole.done), "a body that ended well has no error");
  return 0;
}
