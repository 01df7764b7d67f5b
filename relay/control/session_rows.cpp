#include "relay/control/session_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "relay/base/stream_name.h"

namespace framewire::relay {

Result<SessionQuery> read_session_query(const Request& request) {
  SessionQuery out;
  if (auto stream = request.argument("stream")) {
    if (!is_stream_name(*stream)) return fail(Errc::bad_text, "\"stream\" is no stream's name");
    out.stream = *std::move(stream);
  }
  if (const auto role = request.argument("role")) {
    if (*role != "publisher" && *role != "viewer")
      return fail(Errc::bad_text, "\"role\" is publisher or viewer");
    out.publishes = *role == "publisher";
  }
  if (const auto cursor = request.argument("cursor")) {
    out.after = parse_session_id(*cursor);
    if (!out.after) return fail(Errc::bad_text, "\"cursor\" is none that was given here");
  }
  if (const auto limit = request.argument("limit")) {
    const auto [end, wrong] =
        std::from_chars(limit->data(), limit->data() + limit->size(), out.limit);
    if (wrong != std::errc{} || end != limit->data() + limit->size() || out.limit == 0 ||
        out.limit > kMostSessionsPerPage)
      return fail(Errc::bad_text, fmt::format("\"limit\" is from 1 to {}", kMostSessionsPerPage));
  }
  return out;
}

nlohmann::json session_json(const SessionRow& row) {
  nlohmann::json out = {
      {"id", to_string(row.id)},    {"role", row.publishes ? "publisher" : "viewer"},
      {"stream", row.stream},       {"output", row.output},
      {"transport", row.transport}, {"address", row.address},
      {"identity", row.identity},   {"personal", row.personal},
      {"bytes", row.bytes},         {"skips", row.skips},
      {"delay_ms", nullptr},        {"since_ms", row.since_ms},
      {"sender", nullptr},          {"user_agent", row.user_agent}};
  if (row.delay_ms) out["delay_ms"] = *row.delay_ms;
  if (!row.sender.empty()) out["sender"] = row.sender;
  return out;
}

std::string sessions_json(std::vector<std::vector<SessionRow>> loops, const SessionQuery& query) {
  std::vector<SessionRow> all;
  for (auto& rows : loops) std::move(rows.begin(), rows.end(), std::back_inserter(all));
  std::sort(all.begin(), all.end(),
            [](const SessionRow& a, const SessionRow& b) { return a.id < b.id; });
  const bool more = all.size() > query.limit;
  if (more) all.resize(query.limit);
  nlohmann::json list = nlohmann::json::array();
  for (const SessionRow& row : all) list.push_back(session_json(row));
  nlohmann::json out = {{"sessions", std::move(list)}, {"next", nullptr}};
  if (more) out["next"] = to_string(all.back().id);
  return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace framewire::relay
