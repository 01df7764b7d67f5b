// The JSON texts of the server, as far as children, and what watches beside sockets, act on them.
// They are written by relay/fanout/messages.h. Pure. Thread: any. Never throws.
// Source: PROTOCOL.md, "Viewer, framewire.v1" and "Side channel".
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "ingest/base/format.h"
#include "ingest/cut/cutter.h"

namespace framewire {

struct StreamText {              // an epoch begins
  std::optional<Format> format;  // nullopt: a name that is not known here
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  double fps = 0;
  Resize resize = Resize::epoch;
};
struct EndText {};
struct SenderText {
  std::string sender;  // what the side channel calls the one who reads this
};
struct SaidText {  // `message`
  std::string sender;
  std::string name;
  std::string data;  // a string as it is, any other value as JSON
};
struct OtherText {};  // other types, and what is no message at all

using ServerText = std::variant<OtherText, StreamText, EndText, SenderText, SaidText>;

ServerText read_server_text(std::string_view text);

}  // namespace framewire
