// The sniffer decides within 1,024 bytes, never changes its mind, and what it names can be cut.
#include "ingest/intake/sniff.h"
#include "tests/fuzz/cutter_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace framewire;
  using fuzz::check;
  const Bytes input = std::as_bytes(std::span{data, size});
  std::optional<Format> said;
  const std::size_t end = std::min<std::size_t>(size, 1100);
  for (std::size_t n = 0; n <= end; n += n < 16 ? 1 : 47) {  // 4 x 47 = 188, a packet of MPEG-TS
    const auto now = sniff(input.first(n), false);
    check(!said || now == said, "more bytes change nothing");
    check(now || n < 1024, "1,024 bytes are enough");
    const auto at_end = sniff(input.first(n), true);
    check(at_end.has_value(), "the end of the message decides");
    check(!now || at_end == now, "the end changes nothing that was decided");
    said = now;
  }
  if (said) check(*said != Format::rgba, "it needs a hello");
  return 0;
}
