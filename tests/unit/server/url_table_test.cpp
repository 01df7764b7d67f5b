// The documents against the table of routes: each path that PROTOCOL.md names is one, with its
// methods, and each route and rendition is in it; docs/security.md tells whose key opens which.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "codec/outputs.h"
#include "relay/access/static_keys.h"
#include "relay/server/routes.h"

namespace framewire::relay {
namespace {

using Route = Target::Route;

void replace(std::string& text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what))
    text.replace(at, what.size(), by);
}

// What stands in backticks in the first column. "`/a.mp4`, `.ts`" are /a.mp4 and /a.ts.
std::vector<std::string> paths_of(const std::string& row) {
  const std::string cell = row.substr(1, row.find('|', 1) - 1);
  std::vector<std::string> out;
  for (auto at = cell.find('`'); at != std::string::npos; at = cell.find('`', at)) {
    const auto end = cell.find('`', at + 1);
    std::string path = cell.substr(at + 1, end - at - 1);
    if (path.starts_with('.') && !out.empty())
      path = out.back().substr(0, out.back().rfind('.')) + path;
    out.push_back(path);
    at = end + 1;
  }
  return out;
}

// The cells between its bars, without blanks around them.
std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> out;
  for (auto at = row.find('|'); at != std::string::npos && at + 1 < row.size();) {
    const auto end = row.find('|', at + 1);
    std::string cell = row.substr(at + 1, end - at - 1);
    cell.erase(0, cell.find_first_not_of(' '));
    cell.erase(cell.find_last_not_of(' ') + 1);
    out.push_back(std::move(cell));
    at = end;
  }
  return out;
}

// The rows of the table whose head begins so.
std::vector<std::string> table_of(const char* document, std::string_view head) {
  std::ifstream page{std::string{FRAMEWIRE_MEDIA_DIR "/../../"} + document};
  std::vector<std::string> out;
  bool in_table = false;
  for (std::string line; std::getline(page, line);) {
    if (in_table && !line.starts_with('|')) break;
    if (in_table && !line.starts_with("|-")) out.push_back(line);
    if (line.starts_with(head)) in_table = true;
  }
  return out;
}

std::vector<std::string> url_rows() {
  return table_of("PROTOCOL.md", "| URL |");
}

std::vector<std::string> documented_paths() {
  std::vector<std::string> out;
  for (const std::string& row : url_rows())
    for (std::string& path : paths_of(row)) out.push_back(std::move(path));
  return out;
}

// What is behind ? is another way to ask for the same.
Result<Target> target_of(std::string path) {
  path = path.substr(0, path.find('?'));
  replace(path, "...", "cam");
  for (const std::string_view stream : {"{stream}", "NAME"}) replace(path, stream, "cam");
  if (path.starts_with("/api/v1/sessions")) replace(path, "{id}", "0-1");
  for (const char* numbered : {"/api/v1/restreams", "/api/v1/bans", "/api/v1/render"})
    if (path.starts_with(numbered)) replace(path, "{id}", "1");
  for (const std::string_view id : {"{id}", "ID"}) replace(path, id, "cam/1.mp4");
  return path.ends_with("/record") ? parse_post_target(path) : parse_target(path);
}

Ways ways_of(Route route) {
  Ways out = 0;
  for (const RouteRow& row : routes().rows())
    if (row.route == route) out |= row.ways;
  return out;
}

TEST(UrlTable, EachPathIsARoute) {
  const auto paths = documented_paths();
  ASSERT_GT(paths.size(), 20u);
  for (const std::string& path : paths) {
    SCOPED_TRACE(path);
    const auto target = target_of(path);
    ASSERT_TRUE(target) << target.error().what;
    EXPECT_NE(ways_of(target->route), 0u);
    EXPECT_EQ(target->route == Route::asset, path == "/framewire.js");
  }
}

TEST(UrlTable, HasEveryRow) {
  const auto documented = documented_paths();
  const std::set<std::string> paths{documented.begin(), documented.end()};
  std::set<Route> served;
  for (const RouteRow& row : routes().rows()) {
    const std::string shape{row.shape};
    EXPECT_TRUE(paths.contains(shape)) << shape;
    const auto target = target_of(shape);
    ASSERT_TRUE(target) << shape;
    EXPECT_EQ(target->route, row.route) << shape;
    served.insert(row.route);
  }
  for (int i = static_cast<int>(Route::publish); i <= static_cast<int>(Route::echo); ++i)
    EXPECT_TRUE(served.contains(static_cast<Route>(i))) << "route " << i;
}

TEST(UrlTable, TellsTheWaysToAsk) {
  for (const std::string& row : url_rows()) {
    SCOPED_TRACE(row);
    if (row.find('?') < row.find('|', 1)) continue;
    const auto cells = cells_of(row);
    ASSERT_EQ(cells.size(), 3u);
    Ways ways = 0;
    for (const std::string& path : paths_of(row))
      if (const auto target = target_of(path)) ways |= ways_of(target->route);
    EXPECT_EQ(cells[1] != "-", (ways & kWebSocket) != 0);
    EXPECT_EQ(cells[2] != "-", (ways & ~kWebSocket) != 0);
    const auto told = [&](const char* method) {
      return cells[2].find(std::string{"`"} + method + "`") != std::string::npos;
    };
    EXPECT_EQ(told("POST"), (ways & kPost) != 0);
    EXPECT_EQ(told("PUT"), (ways & kPut) != 0);
    EXPECT_EQ(told("PATCH"), (ways & kPatch) != 0);
    EXPECT_EQ(told("DELETE"), (ways & kDelete) != 0);
  }
}

TEST(Routes, NoTwoRowsServeTheSame) {
  for (const RouteRow& row : routes().rows())
    for (const Ways way : {kGet, kHead, kPost, kPut, kPatch, kDelete, kWebSocket})
      if ((row.ways & way) != 0) {
        EXPECT_EQ(routes().find(row.route, way), &row) << row.shape << " " << way;
      }
}

struct Asked {
  Ways ways;
  std::string path;
};

// "WebSocket, `POST` `/a`, `GET /b`, `/c`": ways, and the paths that they are said of.
std::vector<Asked> asked_of(const std::string& cell) {
  std::vector<Asked> out;
  Ways ways = 0;
  bool begun = true;  // what a way begins: another list of them
  const auto take = [&](const std::string& word) {
    const Ways way = word == "WebSocket" ? kWebSocket
                     : word == "GET"     ? kGet
                     : word == "POST"    ? kPost
                     : word == "PUT"     ? kPut
                     : word == "PATCH"   ? kPatch
                     : word == "DELETE"  ? kDelete
                                         : 0;
    if (way != 0) {
      if (std::exchange(begun, false)) ways = 0;
      ways |= way;
    } else if (word.starts_with('/')) {
      begun = true;
      out.push_back({ways, word});
    }
  };
  std::string word;
  for (const char c : cell + " ") {
    if (c == ' ' || c == ',' || c == '`') {
      take(std::exchange(word, {}));
    } else {
      word += c;
    }
  }
  return out;
}

bool may(StaticKeys& keys, const char* key, Action action) {
  Credentials shown;
  if (*key != 0) shown.token = key;
  return std::get<Answer>(keys.authorize(shown, {}))->principal->may(action, "cam");
}

TEST(SecurityTable, TellsWhatEachKeyOpens) {
  Config config;
  config.publish_keys = {"p"};
  StaticKeys without_watch{config};
  config.watch_keys = {"w"};
  StaticKeys keys{config};
  std::set<std::pair<Route, Ways>> told;
  for (const std::string& row : table_of("docs/security.md", "| route |")) {
    SCOPED_TRACE(row);
    const auto cells = cells_of(row);
    ASSERT_EQ(cells.size(), 4u);
    for (const Asked& asked : asked_of(cells[0]))
      for (const Ways way : {kGet, kPost, kPut, kPatch, kDelete, kWebSocket}) {
        if ((asked.ways & way) == 0) continue;
        SCOPED_TRACE(asked.path + " " + std::to_string(way));
        const auto target = target_of(asked.path);
        const RouteRow* served = target ? routes().find(target->route, way) : nullptr;
        ASSERT_TRUE(served);
        told.emplace(served->route, way);
        EXPECT_EQ(cells[1] == "yes", !served->needs);
        if (!served->needs) continue;
        EXPECT_FALSE(may(keys, "", *served->needs));
        EXPECT_EQ(may(keys, "w", *served->needs), !cells[2].empty());
        EXPECT_EQ(may(keys, "p", *served->needs), !cells[3].empty());
        EXPECT_EQ(may(without_watch, "", *served->needs), !cells[2].empty());
      }
  }
  for (const RouteRow& row : routes().rows())
    for (const Ways way : {kGet, kPost, kPut, kPatch, kDelete, kWebSocket})
      EXPECT_EQ((row.ways & way) != 0 && !told.contains({row.route, way}), false)
          << row.shape << " " << way << " is not in docs/security.md";
}

// A poster's widths are asked for by ?width.
TEST(UrlTable, HasEveryRendition) {
  std::set<std::string> found;
  for (const std::string& path : documented_paths())
    if (const auto target = target_of(path); target && target->route == Route::live)
      found.insert(target->extension);
  for (const codec::Output& output : codec::kOutputs)
    if (!output.name.starts_with("jpg") || output.name == "jpg") {
      EXPECT_EQ(found.count(std::string{output.name}), 1u) << output.name;
    }
}

}  // namespace
}  // namespace framewire::relay
