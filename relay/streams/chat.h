// The side channel of a stream as a moderator has it: what was said, who may not speak, how often
// each may. Values. Thread: any. Source: PROTOCOL.md, "Side channel" and "Control API".
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "ingest/wire/publisher_messages.h"
#include "relay/base/clock.h"

namespace framewire::relay {

struct ChatOrder {
  std::vector<MuteMessage> mutes;
  std::optional<Duration> slow;  // between two texts of one viewer; 0 = as --text-rate says
  bool clear = false;            // the history is forgotten, and pages are told to forget it
};

struct ChatState {
  Duration slow{0};
  std::vector<std::string> muted;    // senders
  std::vector<std::string> history;  // `message` texts as they were sent, the oldest first
};

}  // namespace framewire::relay
