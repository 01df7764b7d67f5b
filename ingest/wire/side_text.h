// What the people of a stream say to one another beside its media: a chat line, a cue, a caption.
// Pure: a parsed control message in, a value out. Thread: any.
// Source: PROTOCOL.md, "Side channel".
#pragma once
#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "ingest/base/error.h"

namespace framewire {

struct SideText {
  std::string data;       // any JSON value, serialised
  std::string name;       // what the sender calls itself; shown, never trusted
  std::string user = {};  // who it is, as the server knows; a JSON object, "" = nothing is known
  // Whom slow mode counts it for: an identity, or an address; "" = its sender. Told to nobody.
  std::string whose = {};
};

inline constexpr std::size_t kSideNameBytes = 64;
inline constexpr std::size_t kSideNesting = 32;  // arrays and objects within one another

// object: the message, parsed; text: what it was parsed from.
// Errc::bad_text without "data", for a "name" that is no string, for data nested too deep;
// Errc::limit_exceeded for a longer name.
Result<SideText> read_side_text(const nlohmann::json& object, std::string_view text);

}  // namespace framewire
