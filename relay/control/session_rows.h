// Who publishes and watches, as /api/v1/sessions lists it: rows of all loops in one order, page by
// page. Values. Thread: any.
#pragma once
#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ingest/base/error.h"
#include "relay/access/request.h"
#include "relay/access/target.h"

namespace framewire::relay {

inline constexpr std::size_t kSessionsPerPage = 100, kMostSessionsPerPage = 1'000;

struct SessionRow {
  Target::SessionId id;
  bool publishes = false;
  std::string stream;
  std::string output;
  std::string transport;
  std::string address;
  std::string identity;
  bool personal = false;  // the identity is somebody's own
  std::string user_agent;
  std::uint64_t bytes = 0;
  std::uint64_t skips = 0;
  std::optional<std::uint32_t> delay_ms;
  std::int64_t since_ms = 0;
  std::string sender;
};

struct SessionQuery {
  std::optional<std::string> stream;
  std::optional<bool> publishes;
  std::optional<Target::SessionId> after;  // a cursor: those behind it
  std::size_t limit = kSessionsPerPage;
};
// ?stream=, ?role=, ?limit=, ?cursor=. Errc::bad_text names the one that is none.
Result<SessionQuery> read_session_query(const Request& request);

nlohmann::json session_json(const SessionRow& row);
// loops: what each has, by its number, of those that the query is for; one more than its limit is
// enough of each.
std::string sessions_json(std::vector<std::vector<SessionRow>> loops, const SessionQuery& query);

}  // namespace framewire::relay
