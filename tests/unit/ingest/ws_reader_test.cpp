#include "ingest/wire/ws_reader.h"

#include <gtest/gtest.h>

#include <random>

namespace framewire {
namespace {

// A client's frame, in the length form asked for (0 = the shortest).
std::string frame(unsigned first, std::string_view payload, unsigned form = 0, bool masked = true) {
  if (form == 0) form = payload.size() < 126 ? 1 : payload.size() < 65536 ? 2 : 8;
  std::string out{static_cast<char>(first)};
  const unsigned mask = masked ? 0x80 : 0;
  if (form == 1) {
    out += static_cast<char>(mask | payload.size());
  } else {
    out += static_cast<char>(mask | (form == 2 ? 126 : 127));
    for (unsigned i = form; i-- > 0;)
      out += static_cast<char>(static_cast<std::uint64_t>(payload.size()) >> (8 * i));
  }
  constexpr std::string_view kKey = "\x11\xa2\x33\xc4";
  if (masked) out += kKey;
  for (std::size_t i = 0; i < payload.size(); ++i)
    out += static_cast<char>(payload[i] ^ (masked ? kKey[i % 4] : 0));
  return out;
}

// What came out, in short: `t(` a text, `b(` a binary, `)` its end, `|` a frame within it.
struct Read {
  std::string events;
  std::optional<Error> error;
};

Read read(std::string wire, std::size_t cut) {
  WsReader reader;
  Read out;
  const std::span<std::byte> all = std::as_writable_bytes(std::span{wire});
  for (std::size_t at = 0; at < all.size() && !out.error; at += cut) {
    std::span<std::byte> piece = all.subspan(at, std::min(cut, all.size() - at));
    for (;;) {
      const auto event = reader.next(piece);
      if (!event) out.error = event.error();
      if (!event || !*event) break;
      const WsEvent& e = **event;
      switch (e.kind) {
        case WsEvent::Kind::piece:
          if (e.piece.first_of_message)
            out.events += e.piece.text ? "t(" : "b(";
          else if (e.piece.first_of_frame)
            out.events += "|";
          out.events += as_text(e.piece.bytes);
          if (e.piece.last_of_message) out.events += ")";
          break;
        case WsEvent::Kind::ping:
          out.events += "<ping " + std::string{as_text(e.payload)} + ">";
          break;
        case WsEvent::Kind::pong:
          out.events += "<pong " + std::string{as_text(e.payload)} + ">";
          break;
        case WsEvent::Kind::close:
          out.events += "<close " + std::to_string(e.payload.size()) + ">";
      }
    }
    if (!out.error) {
      EXPECT_TRUE(piece.empty());
    }
  }
  return out;
}

struct Case {
  const char* name;
  std::string wire;
  std::string events;
  std::optional<std::uint64_t> error_offset = {};
};

const std::string kLong(300, 'l');
const std::string kHuge(70'000, 'h');

const Case kCases[] = {
    {"text", frame(0x81, "hello"), "t(hello)"},
    {"binary", frame(0x82, "hello"), "b(hello)"},
    {"empty", frame(0x82, "") + frame(0x81, ""), "b()t()"},
    {"of_126", frame(0x82, kLong), "b(" + kLong + ")"},
    {"of_65536", frame(0x82, kHuge), "b(" + kHuge + ")"},
    {"fragments", frame(0x01, "a") + frame(0x00, "b") + frame(0x00, "") + frame(0x80, "c"),
     "t(a|b||c)"},
    {"a_ping_within_a_message", frame(0x01, "a") + frame(0x89, "p") + frame(0x80, "c"),
     "t(a<ping p>|c)"},
    {"ten_pings",
     [] {
       std::string all;
       for (char c = '0'; c <= '9'; ++c) all += frame(0x89, std::string{c});
       return all;
     }(),
     "<ping 0><ping 1><ping 2><ping 3><ping 4><ping 5><ping 6><ping 7><ping 8><ping 9>"},
    {"pong", frame(0x8a, std::string(125, 'p')), "<pong " + std::string(125, 'p') + ">"},
    {"close", frame(0x88, ""), "<close 0>"},
    {"close_with_code", frame(0x88, std::string{"\x03\xe8why", 5}), "<close 5>"},
    {"close_4999", frame(0x88, std::string{"\x13\x87", 2}), "<close 2>"},
    {"unmasked", frame(0x82, "x", 0, false), "", 0},
    {"unmasked_control", frame(0x82, "x") + frame(0x89, "x", 0, false), "b(x)", 7},
    {"not_minimal_16", frame(0x82, "x", 2), "", 0},
    {"not_minimal_64", frame(0x82, kLong, 8), "", 0},
    {"length_of_64_bits", std::string{"\x82\xff\x80\0\0\0\0\0\0\1abcd", 14}, "", 0},
    {"rsv1", frame(0xc2, "x"), "", 0},
    {"rsv2", frame(0xa2, "x"), "", 0},
    {"rsv3", frame(0x92, "x"), "", 0},
    {"opcode_3", frame(0x83, "x"), "", 0},
    {"opcode_7", frame(0x87, "x"), "", 0},
    {"opcode_11", frame(0x8b, "x"), "", 0},
    {"opcode_15", frame(0x8f, "x"), "", 0},
    {"fragmented_ping", frame(0x09, "x"), "", 0},
    {"ping_of_126", frame(0x89, std::string(126, 'x')), "", 0},
    {"close_of_126", frame(0x88, std::string(126, 'x')), "", 0},
    {"continuation_of_nothing", frame(0x80, "x"), "", 0},
    {"continuation_after_the_end", frame(0x82, "x") + frame(0x80, "x"), "b(x)", 7},
    {"message_in_a_message", frame(0x02, "x") + frame(0x82, "y"), "b(x", 7},
    {"close_of_one_byte", frame(0x88, "x"), "", 0},
    {"close_999", frame(0x88, std::string{"\x03\xe7", 2}), "", 0},
    {"close_1004", frame(0x88, std::string{"\x03\xec", 2}), "", 0},
    {"close_1005", frame(0x88, std::string{"\x03\xed", 2}), "", 0},
    {"close_1006", frame(0x88, std::string{"\x03\xee", 2}), "", 0},
    {"close_1015", frame(0x88, std::string{"\x03\xf7", 2}), "", 0},
    {"close_2999", frame(0x88, std::string{"\x0b\xb7", 2}), "", 0},
    {"close_5000", frame(0x88, std::string{"\x13\x88", 2}), "", 0},
    {"close_not_utf8", frame(0x88, std::string{"\x03\xe8\xff", 3}), "", 0},
};

class Frames : public testing::TestWithParam<std::tuple<Case, std::size_t>> {};

TEST_P(Frames, AreRead) {
  const auto& [c, cut] = GetParam();
  const Read out = read(c.wire, cut);
  EXPECT_EQ(out.events, c.events);
  ASSERT_EQ(out.error.has_value(), c.error_offset.has_value())
      << (out.error ? out.error->what : "");
  if (!out.error) return;
  EXPECT_EQ(out.error->offset, *c.error_offset);
  EXPECT_EQ(out.error->code,
            std::string_view{c.name} == "close_not_utf8" ? Errc::bad_text : Errc::protocol);
}

INSTANTIATE_TEST_SUITE_P(All, Frames,
                         testing::Combine(testing::ValuesIn(kCases),
                                          testing::Values(1, 2, 3, 7, 13, 1'000'000)),
                         [](const auto& param) {
                           return std::string{std::get<0>(param.param).name} + "_by_" +
                                  std::to_string(std::get<1>(param.param));
                         });

TEST(WsReader, UnmasksWhateverTheCuts) {
  std::minstd_rand random{7};
  std::string payload(100'000, '\0');
  for (char& c : payload) c = static_cast<char>(random());
  const std::string wire = frame(0x82, payload);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(read(wire, 1 + random() % 9000).events, "b(" + payload + ")");
}

}  // namespace
}  // namespace framewire
