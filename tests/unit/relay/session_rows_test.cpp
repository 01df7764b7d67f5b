// Lists of sessions: what is asked for, and pages of all loops.
#include "relay/control/session_rows.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace framewire::relay {
namespace {

using nlohmann::json;

Request asked(std::vector<std::string> arguments) {
  Request out;
  out.arguments = std::move(arguments);
  return out;
}

TEST(SessionQuery, IsReadOrNamed) {
  const auto query =
      read_session_query(asked({"stream=a/b", "role=viewer", "limit=7", "cursor=3-17", "token=x"}));
  ASSERT_TRUE(query);
  EXPECT_EQ(query->stream, "a/b");
  EXPECT_EQ(query->publishes, false);
  EXPECT_EQ(query->limit, 7u);
  EXPECT_EQ(query->after, (Target::SessionId{3, 17}));
  EXPECT_EQ(read_session_query(asked({}))->limit, kSessionsPerPage);
  for (const char* bad :
       {"stream=..", "stream=", "role=x", "role=", "limit=0", "limit=1001", "limit=-1", "limit=1x",
        "limit=", "limit=99999999999999999999", "cursor=1", "cursor=", "cursor=1-", "cursor=-1",
        "cursor=01-1", "cursor=1-01", "cursor=1-2-3", "cursor=5000-1",
        "cursor=1-99999999999999999"}) {
    const auto refused = read_session_query(asked({bad}));
    ASSERT_FALSE(refused) << bad;
    const std::string name{bad, std::string_view{bad}.find('=')};
    EXPECT_NE(refused.error().what.find("\"" + name + "\""), std::string::npos) << bad;
  }
}

SessionRow row(unsigned loop, std::uint64_t number) {
  SessionRow out;
  out.id = {loop, number};
  out.user_agent = "\xff?";  // what strangers call themselves
  return out;
}

std::string ids_of(const json& page) {
  std::string out;
  for (const json& session : page["sessions"]) out += session["id"].get<std::string>() + " ";
  return out;
}

TEST(SessionPages, AreOneOrderOverAllLoops) {
  SessionQuery query;
  query.limit = 3;
  const auto page = json::parse(
      sessions_json({{row(0, 5), row(0, 9)}, {row(1, 2), row(1, 3), row(1, 4), row(1, 6)}}, query));
  EXPECT_EQ(ids_of(page), "0-5 0-9 1-2 ");
  EXPECT_EQ(page["next"], "1-2");
  const auto last = json::parse(sessions_json({{}, {row(1, 3)}}, query));
  EXPECT_EQ(ids_of(last), "1-3 ");
  EXPECT_TRUE(last["next"].is_null());
  EXPECT_TRUE(json::parse(sessions_json({}, query))["sessions"].empty());
}

}  // namespace
}  // namespace framewire::relay
