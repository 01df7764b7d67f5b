// What a cluster's nodes write for one another, as JSON: who is there, who has what, what is to be
// done. Pure. Thread: any. Errors: nullopt for what is none; members that are not known are passed
// over, so that versions may differ.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "relay/base/summary.h"
#include "relay/streams/neighbours.h"

namespace framewire::relay {

struct NodeRecord {
  std::string node;
  std::string url;         // for the other nodes
  std::string public_url;  // for viewers
  std::string region;
  std::string version;
  std::size_t viewers = 0;
  std::size_t streams = 0;
  bool draining = false;
  bool operator==(const NodeRecord&) const = default;
};
std::string to_json(const NodeRecord& node);
std::optional<NodeRecord> read_node(std::string_view text);

// Of a name that somebody has.
struct NameRecord {
  std::string node;
  std::string url;         // of that node
  std::string token;       // SHA-256 of the publisher's token, as hex; "" = it cannot come back
  bool connected = false;  // its publisher is, now
  StreamSummary summary;
};
std::string to_json(const NameRecord& name);
std::optional<NameRecord> read_name(std::string_view text);
std::string token_digest(std::string_view token);  // of ""  it is ""

// Of streams, and of bans.
struct Order {
  std::string from;  // a node
  std::string stream;
  StreamOrder at_stream;
  std::string ban;  // an entry of the list of bans, as JSON; "" = none
};
std::string to_json(const Order& order);
std::optional<Order> read_order(std::string_view text);

}  // namespace framewire::relay
