#include "relay/control/openapi.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "relay/control/schemas.h"

namespace framewire::relay {
namespace {

// In the order in which people read it.
using Json = nlohmann::ordered_json;

constexpr std::pair<Ways, std::string_view> kMethods[] = {
    {kGet, "get"}, {kPost, "post"}, {kPut, "put"}, {kPatch, "patch"}, {kDelete, "delete"},
};

Json reference(std::string_view schema) {
  return {{"$ref", "#/components/schemas/" + std::string{schema}}};
}

Json content_of(std::string_view answer) {
  if (answer.find('/') == std::string_view::npos)
    return {{"application/json", {{"schema", reference(answer)}}}};
  return {{std::string{answer}, {{"schema", {{"type", "string"}}}}}};
}

// Each {name} of a path. A stream's name may have slashes in it, which OpenAPI cannot say.
void add_path_parameters(std::string_view shape, Json& to) {
  for (auto at = shape.find('{'); at != std::string_view::npos; at = shape.find('{', at + 1)) {
    const std::string name{shape.substr(at + 1, shape.find('}', at) - at - 1)};
    Json parameter = {{"name", name}, {"in", "path"}, {"required", true}};
    parameter["schema"] = {{"type", "string"}};
    if (name == "stream")
      parameter["description"] = "1 to 4 segments, joined by /, which stays as it is";
    to.push_back(std::move(parameter));
  }
}

Json operation_json(const RouteRow& row) {
  const Operation& operation = *row.operation;
  Json out = {{"operationId", operation.id}, {"summary", operation.about}};
  if (row.needs) {
    out["description"] = "Needs the right `" + std::string{to_string(*row.needs)} + "`.";
    out["security"] = Json::array({{{"bearer", Json::array()}}, {{"token", Json::array()}}});
  }
  Json parameters = Json::array();
  add_path_parameters(row.shape, parameters);
  for (const Parameter& each : operation.parameters)
    parameters.push_back({{"name", each.name},
                          {"in", "query"},
                          {"description", each.about},
                          {"schema", {{"type", each.type}}}});
  if (!parameters.empty()) out["parameters"] = std::move(parameters);
  if (!operation.body.empty())
    out["requestBody"] = {{"required", true}, {"content", content_of(operation.body)}};
  Json& responses = out["responses"];
  if (operation.answer.empty())
    responses["204"] = {{"description", "done"}};
  else
    responses["200"] = {{"description", "done"}, {"content", content_of(operation.answer)}};
  if (operation.tagged)
    responses["304"] = {{"description", "as it was when it had the ETag of If-None-Match"}};
  responses["default"] = {{"description", "refused: `code` and the status say why"},
                          {"content", content_of("Error")}};
  return out;
}

}  // namespace

std::string openapi_json(const RouteTable& routes, std::string_view version) {
  Json paths = Json::object();
  for (const RouteRow& row : routes.rows()) {
    if (!row.operation) continue;
    for (const auto& [way, method] : kMethods)
      if ((row.ways & way) != 0)
        paths[std::string{row.shape}][std::string{method}] = operation_json(row);
  }
  Json out;
  out["openapi"] = "3.1.1";
  out["info"] = {{"title", "framewire"}, {"version", version}};
  out["paths"] = std::move(paths);
  out["components"]["securitySchemes"] = {
      {"bearer", {{"type", "http"}, {"scheme", "bearer"}}},
      {"token", {{"type", "apiKey"}, {"in", "query"}, {"name", "token"}}}};
  out["components"]["schemas"] = schemas();
  return out.dump() + "\n";
}

}  // namespace framewire::relay
