// The API's description, made of the table of routes.
#include "relay/control/openapi.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "relay/control/schemas.h"
#include "relay/server/routes.h"

namespace framewire::relay {
namespace {

using nlohmann::json;

TEST(OpenApi, HasEachOperationOfTheTableAndNothingElse) {
  const json document = json::parse(openapi_json(routes(), "1.2.3"));
  EXPECT_EQ(document["info"]["version"], "1.2.3");
  std::set<std::string> ids;
  std::size_t operations = 0;
  for (const auto& [path, methods] : document["paths"].items()) operations += methods.size();
  std::size_t rows = 0;
  for (const RouteRow& row : routes().rows()) {
    const bool of_api = row.shape.starts_with("/api/");
    EXPECT_EQ(row.operation != nullptr, of_api) << row.shape;
    if (!row.operation) continue;
    ++rows;
    EXPECT_TRUE(ids.insert(std::string{row.operation->id}).second) << row.operation->id;
    const char* method = (row.ways & kGet) != 0     ? "get"
                         : (row.ways & kPost) != 0  ? "post"
                         : (row.ways & kPatch) != 0 ? "patch"
                                                    : "delete";
    const json& its = document["paths"][std::string{row.shape}][method];
    ASSERT_TRUE(its.is_object()) << row.shape << " " << method;
    EXPECT_EQ(its["operationId"], std::string{row.operation->id});
    EXPECT_EQ(its.contains("security"), row.needs.has_value()) << row.shape;
    EXPECT_EQ(its.contains("requestBody"), !row.operation->body.empty());
  }
  EXPECT_EQ(operations, rows);
}

TEST(OpenApi, EachSchemaThatIsNamedIsThere) {
  const json document = json::parse(openapi_json(routes(), "1"));
  std::set<std::string> named;
  const std::string text = document.dump(), prefix = "#/components/schemas/";
  for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at + 1))
    named.insert(text.substr(at + prefix.size(), text.find('"', at) - at - prefix.size()));
  for (const std::string& name : named) EXPECT_TRUE(schemas().contains(name)) << name;
  for (const auto& each : schemas().items())
    EXPECT_TRUE(named.contains(each.key())) << each.key() << " is used by nothing";
}

}  // namespace
}  // namespace framewire::relay
