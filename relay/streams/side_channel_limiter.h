// How much may be said in the side channel: by one connection, and within one stream.
// Thread: its owner's loop.  Source: PROTOCOL.md, "Side channel".
#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "ingest/wire/side_text.h"
#include "relay/base/clock.h"
#include "relay/base/config.h"

namespace framewire::relay {

// So many texts a second, and twice as many at once after a silence.
class TokenBucket {
 public:
  explicit TokenBucket(std::size_t per_second);  // 0 = none at all

  // True if one more text may pass now; it is then counted.
  bool pass(Time now);

 private:
  double per_second_;
  double left_;
  Time filled_{};
};

// One connection's.
class SideChannelLimiter {
 public:
  explicit SideChannelLimiter(const Config& config);

  // Nothing: the text may pass, and is counted. Else what the sender is to be told: a `warning` of
  // PROTOCOL.md.
  std::optional<std::string> refuse(const SideText& text, Time now);

 private:
  const Config& config_;
  TokenBucket rate_;
};

// Slow mode: each of a stream's viewers may say something once in so long. sender: whoever comes
// back under another number is the same (SideText::whose).
class SlowMode {
 public:
  Duration interval() const { return interval_; }
  void set(Duration interval);  // 0 = off
  // False: this sender said something a moment ago. True: it is counted.
  bool pass(const std::string& sender, Time now);

 private:
  Duration interval_{0};
  std::map<std::string, Time> spoke_;  // within the interval
  Time looked_{};
};

// A stream's viewers', all together: what they say goes to everybody, so it is bounded, and each of
// those who speak may say an equal share of it. Somebody who says little is heard beside others who
// say all they may. Its publisher is bounded as a connection only.
class StreamSideChannelLimiter {
 public:
  explicit StreamSideChannelLimiter(std::size_t per_second);

  // True if one more text of this sender may pass now; it is then counted.
  bool pass(const std::string& sender, Time now);

 private:
  struct Speaker {
    double left = 0;
    Time spoke{};
  };
  void forget_the_silent(Time now);

  double per_second_;
  TokenBucket all_;  // room for those who begin to speak beside those who have said all they may
  std::map<std::string, Speaker> speakers_;  // of the last seconds
  Time looked_{};
};

}  // namespace framewire::relay
