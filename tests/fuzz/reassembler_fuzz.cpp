// The input is a list of pieces: flags(1) length(1) bytes. What comes out is what a plain
// concatenation of the pieces since the message's first one gives.
#include "ingest/wire/message_reassembler.h"
#include "tests/fuzz/cutter_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace framewire;
  using fuzz::check;
  Limits limits;
  limits.message_bytes = 600;
  limits.text_bytes = 200;
  limits.message_fragments = 8;
  MessageReassembler reassembler{limits};
  Bytes input = std::as_bytes(std::span{data, size});
  Buffer expected;
  bool text = false;
  while (input.size() >= 2) {
    const auto flags = std::to_integer<unsigned>(input[0]);
    const auto length =
        std::min<std::size_t>(std::to_integer<std::size_t>(input[1]), input.size() - 2);
    const Bytes bytes = input.subspan(2, length);
    input = input.subspan(2 + length);
    const FragmentPiece piece{bytes, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0,
                              (flags & 8) != 0};
    const bool was_inside = reassembler.in_message();
    if (piece.first_of_message) {
      expected.clear();
      text = piece.text;
    }
    append(expected, bytes);
    const auto fed = reassembler.feed(piece);
    if (!fed) {
      check(!reassembler.feed(piece), "an error stays");
      reassembler.reset();
      check(!reassembler.in_message(), "reset() forgets the message");
      expected.clear();
      continue;
    }
    check(was_inside != piece.first_of_message, "a message starts once, and outside of others");
    check(expected.size() <= (text ? limits.text_bytes : limits.message_bytes),
          "a message is limited");
    check(fed->has_value() == piece.last_of_message, "the last piece gives the message");
    if (!*fed) continue;
    check(std::ranges::equal((*fed)->bytes, expected), "the pieces, end to end, are the message");
    check((*fed)->text == text, "the first ws frame says what the message is");
  }
  return 0;
}
