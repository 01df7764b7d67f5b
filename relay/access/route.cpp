#include "relay/access/route.h"

#include <algorithm>
#include <utility>

namespace framewire::relay {
namespace {

// In the order of an Allow header. A WebSocket opens with GET (RFC 6455, section 4.1).
constexpr std::pair<Ways, std::string_view> kMethods[] = {
    {kGet | kWebSocket, "GET"}, {kHead, "HEAD"},     {kPost, "POST"}, {kPut, "PUT"},
    {kPatch, "PATCH"},          {kDelete, "DELETE"},
};

}  // namespace

Ways way_of(const Request& request) {
  if (!request.upgrade.empty()) return kWebSocket;
  switch (request.method) {
    case Method::get:
      return kGet;
    case Method::head:
      return kHead;
    case Method::post:
      return kPost;
    case Method::put:
      return kPut;
    case Method::patch:
      return kPatch;
    case Method::del:
      return kDelete;
    default:
      return 0;
  }
}

const RouteRow* RouteTable::find(Target::Route route, Ways way) const {
  const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const RouteRow& row) {
    return row.route == route && (row.ways & way) != 0;
  });
  return found == rows_.end() ? nullptr : &*found;
}

std::optional<Action> RouteTable::needs(Target::Route route, Ways way) const {
  for (const Ways asked : {way, kGet, kWebSocket})
    if (const RouteRow* row = find(route, asked)) return row->needs;
  return std::nullopt;
}

std::string RouteTable::allow(std::string_view path) const {
  Ways ways = 0;
  for (const auto& target : {parse_target(path), parse_post_target(path)})
    for (const RouteRow& row : rows_)
      if (target && row.route == target->route) ways |= row.ways;
  std::string out;
  for (const auto& [bits, name] : kMethods)
    if ((ways & bits) != 0) out.append(out.empty() ? "" : ", ").append(name);
  return out;
}

}  // namespace framewire::relay
