// What a link brings of a stream that another server has, in order, as values: Stream::take_link()
// does what they say. Parts are numbered anew, without gaps, by whoever makes these; epochs too.
// Thread: any; a value is not changed once it is sent.
#pragma once
#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "relay/fanout/part.h"
#include "relay/fanout/stream_event.h"

namespace framewire::relay {

// An epoch begins; its init segment, if its format has one, is the part that follows.
struct LinkEpoch {
  std::uint32_t number = 0;
  EpochInfo info;
};
// Of the origin.
struct LinkPart {
  PartPtr part;
};
// What comes next does not follow what came before: some was left out.
struct LinkGap {
  std::string reason;  // of PROTOCOL.md's `skipped`
};
struct LinkState {
  StateChanged state;
};
// To all viewers, and to those of derived renditions where all are told.
struct LinkText {
  std::string json;
  TextKind kind = TextKind::control;
  bool derived_too = false;
};
struct LinkTitle {
  std::string title;
};
// How many watch, on all servers.
struct LinkViewers {
  std::size_t count = 0;
};
struct LinkCleared {};
struct LinkEnd {
  std::string reason;  // of PROTOCOL.md's `end`
};

using LinkEvent = std::variant<LinkEpoch, LinkPart, LinkGap, LinkState, LinkText, LinkTitle,
                               LinkViewers, LinkCleared, LinkEnd>;
using LinkEvents = std::vector<LinkEvent>;

}  // namespace framewire::relay
