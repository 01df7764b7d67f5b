// The HLS of those streams that this loop cares for. Which loop that is depends on the stream's
// name alone, so that a stream has one set of segments and numbers, whichever loop a request comes
// to.
// Thread: its loop's. Lifetime: its hub's.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "relay/hls/channel.h"
#include "relay/hls/request.h"
#include "relay/streams/service.h"

namespace framewire::relay::hls {

class Host final : public Service {
 public:
  // all: the hosts of all loops by number, this one with them, once the loops run. Outlives them.
  Host(Hub& hub, const std::vector<Host*>& all) : hub_(hub), all_(all) {}

  // Of a stream of any loop; answers on this loop.
  void request(Request request, Respond respond);
  // Nobody waits for it any more.
  void cancel_request(const std::string& stream, std::uint64_t number);
  void tick() override;

 private:
  Host& host_of(const std::string& stream) const;
  void handle(Request request, Respond respond);
  void cancel(const std::string& stream, const RequestId& id);
  bool has_room();

  Hub& hub_;
  const std::vector<Host*>& all_;
  std::map<std::string, std::unique_ptr<Channel>> channels_;  // by stream
  std::size_t in_vain_ = 0;                                   // of these, when they were counted
  Time counted_{};
  std::uint64_t free_number_ = 0;  // behind those of all channels that are over
};

}  // namespace framewire::relay::hls
