// The other servers of a cluster, as the directory and the hubs see them: names may be theirs, and
// streams may be fetched from there. Implemented by relay/cluster. Thread: loop 0's.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "relay/base/summary.h"
#include "relay/streams/chat.h"
#include "relay/streams/publisher.h"

namespace framewire::relay {

// What an operator, or a moderator, asks of a stream, wherever it is.
struct StreamOrder {
  bool stop = false;
  std::optional<std::string> title = std::nullopt;
  std::optional<ChatOrder> chat = std::nullopt;
};

class Neighbours {
 public:
  virtual ~Neighbours() = default;
  // Somebody here wants to publish under a name that nobody here has. Answered by
  // Directory::claimed() in a later turn; until then no other claim of this name is made.
  // replaces: the token of an earlier publication of the same publisher; "" = none.
  virtual void claim(const std::string& stream, const std::string& replaces) = 0;
  // What it is now. Of one that was claimed and has not been released.
  virtual void update(const StreamSummary& summary) = 0;
  virtual void release(const std::string& stream) = 0;
  // Somebody on this loop reads a stream that is not here. True: another server has it, and either
  // it is published here by way of a link, or Directory::not_elsewhere() follows.
  virtual bool fetch(const std::string& stream, unsigned loop) = 0;
  // The link of a stream, on this loop, ends: a publisher here has its name now.
  virtual void unlink(const std::string& stream, unsigned loop) = 0;
  // False: no other server has it.
  virtual bool send_order(const std::string& stream, const StreamOrder& order) = 0;
  // Of streams that others have, by name.
  virtual std::vector<StreamSummary> summaries() const = 0;
  virtual std::optional<StreamSummary> summary(const std::string& stream) const = 0;
};

}  // namespace framewire::relay
