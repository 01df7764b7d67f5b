// What a stream's home sends to its local streams, as values: LocalStream::apply() does what they
// say. Whoever carries a stream further (to another loop) carries these and nothing
// else. Thread: any; a value is not changed once it is sent.
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "relay/base/summary.h"
#include "relay/fanout/posting.h"

namespace framewire::relay {

// The first event of a local stream that begins while the stream runs: all that the home's rings
// hold.
struct Snapshot {
  unsigned home = 0;
  StreamState state = StreamState::live;
  std::string waiting_reason;  // if it lingers
  std::vector<RenditionEntry> entries;
  std::vector<std::string> history;  // of the side channel
};

struct PartsCut {
  std::shared_ptr<const Posting> parts;
};
struct StateChanged {
  StreamState state = StreamState::live;  // live or lingering
  std::string waiting_reason;             // if it lingers
};
struct TextSaid {
  std::string json;
  TextKind kind = TextKind::control;
};
// What was said in the side channel is forgotten.
struct HistoryCleared {};
// What viewers ask for cannot be made: they are closed.
struct ViewersRefused {
  std::string why;  // a sentence
};
struct StreamEnded {
  std::string reason;  // of PROTOCOL.md's `end`
};

using StreamEvent = std::variant<std::shared_ptr<const Snapshot>, PartsCut, StateChanged, TextSaid,
                                 HistoryCleared, ViewersRefused, StreamEnded>;

}  // namespace framewire::relay
