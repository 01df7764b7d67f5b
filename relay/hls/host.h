// The HLS of those streams that this loop cares for. Which loop that is depends on the stream's
// name alone, so that a stream has one set of segments and numbers, whichever loop a request comes
// to (Hub::ask_hls).
// Thread: its loop's. Lifetime: its hub's.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "relay/hls/ask.h"
#include "relay/hls/channel.h"

namespace framewire::relay::hls {

class Host {
 public:
  explicit Host(Hub& hub) : hub_(hub) {}

  void ask(Ask ask, AnswerTo answer);
  void cancel(const std::string& stream, const AskId& id);
  void tick();

 private:
  bool has_room();

  Hub& hub_;
  std::map<std::string, std::unique_ptr<Channel>> channels_;  // by stream
  std::size_t in_vain_ = 0;                                   // of these, when they were counted
  Time counted_{};
};

}  // namespace framewire::relay::hls
