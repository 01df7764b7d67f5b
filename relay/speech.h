// How much may be said in the side channel: by one connection, and within one stream.
// Thread: its owner's loop.  Source: PROTOCOL.md, "Side channel".
#pragma once
#include <cstddef>
#include <optional>
#include <string>

#include "ingest/side_text.h"
#include "relay/clock.h"
#include "relay/config.h"

namespace framewire::relay {

// So many texts a second, and twice as many at once after a silence.
class TextRate {
 public:
  explicit TextRate(std::size_t per_second);  // 0 = none at all

  // True if one more text may pass now; it is then counted.
  bool pass(Time now);

 private:
  double per_second_;
  double left_;
  Time filled_{};
};

// One connection's.
class Speech {
 public:
  explicit Speech(const Config& config);

  // Nothing: the text may pass, and is counted. Else what the sender is to be told: a `warning` of
  // PROTOCOL.md.
  std::optional<std::string> refuse(const SideText& text, Time now);

 private:
  const Config& config_;
  TextRate rate_;
};

}  // namespace framewire::relay
