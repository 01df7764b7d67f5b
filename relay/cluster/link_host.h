// The streams of one loop that other nodes have: a link for each, which publishes here what it
// brings, while somebody reads it. Thread: the loop's. Lifetime: the hub's own (Hub::add).
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "relay/cluster/link_thread.h"
#include "relay/streams/hub.h"
#include "relay/streams/service.h"

namespace framewire::relay {

class LinkHost final : public Service {
 public:
  enum class Over : std::uint8_t {
    in_vain,  // nothing of the stream came
    ended,    // it did, and has ended
    unread,   // nobody read it here
  };
  // Called when a link is gone.
  using OnOver = std::function<void(const std::string& stream, Over how)>;
  LinkHost(Hub& hub, OnOver on_over);
  ~LinkHost() override;

  void begin(const std::string& stream, const std::string& url, const std::string& title);
  // Another node has it now.
  void move(const std::string& stream, const std::string& url);
  // reason: for its viewers, of PROTOCOL.md's `end`.
  void end(const std::string& stream, const std::string& reason);
  // Its home is gone, or has no such stream any more. What is on its way comes first.
  void home_gone(const std::string& stream);
  void tick() override;
  std::size_t links() const { return links_.size(); }

 private:
  class Link;
  Hub& hub_;
  const OnOver on_over_;
  std::map<std::string, std::unique_ptr<Link>> links_;
  std::vector<std::unique_ptr<LinkThread>> ending_;
  std::uint64_t last_number_ = 0;
};

}  // namespace framewire::relay
