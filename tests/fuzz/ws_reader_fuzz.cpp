// Frames give the same messages and control frames however they are cut, and the same error.
#include "ingest/wire/ws_reader.h"
#include "tests/fuzz/cutter_fuzz.h"

namespace {

using namespace framewire;
using Kind = WsEvent::Kind;

struct Outcome {
  Buffer bytes;        // payloads of data frames
  std::string events;  // a letter per control frame, message and end
  std::optional<std::uint64_t> error;
};

Outcome read(Bytes input, std::size_t cut) {
  WsReader reader;
  Outcome out;
  Buffer copy(input.begin(), input.end());
  const std::span<std::byte> all{copy};
  bool inside = false;
  for (std::size_t at = 0; at < all.size() && !out.error; at += cut) {
    std::span<std::byte> piece = all.subspan(at, std::min(cut, all.size() - at));
    for (;;) {
      const auto event = reader.next(piece);
      if (!event) out.error = event.error().offset;
      if (!event || !*event) break;
      const WsEvent& e = **event;
      if (e.kind == Kind::piece) {
        fuzz::check(e.piece.first_of_message != inside, "a message begins outside of others");
        fuzz::check(!e.piece.first_of_message || e.piece.first_of_frame, "with a frame");
        inside = !e.piece.last_of_message;
        append(out.bytes, e.piece.bytes);
        if (e.piece.first_of_message)
          out.events += e.piece.text ? 't' : 'b';
        else if (e.piece.first_of_frame)
          out.events += '|';
        if (e.piece.last_of_message) out.events += ')';
      } else {
        fuzz::check(e.payload.size() <= 125, "a control frame is small");
        out.events += static_cast<char>('0' + static_cast<int>(e.kind));
        out.events += as_text(e.payload);
      }
    }
    fuzz::check(out.error || piece.empty(), "all is taken");
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input = std::as_bytes(std::span{data, size});
  const Outcome whole = read(input, std::max<std::size_t>(size, 1));
  for (const std::size_t cut : {1u, 3u, 17u}) {
    const Outcome pieces = read(input, cut);
    // A frame that is not whole gives what has come of it.
    fuzz::check(whole.bytes == pieces.bytes, "payloads do not depend on the cuts");
    fuzz::check(whole.events == pieces.events, "nor do frames");
    fuzz::check(whole.error == pieces.error, "nor does the error");
  }
  fuzz::check(whole.bytes.size() <= size, "no byte is made up");
  return 0;
}
