// What the API takes and answers, as JSON Schemas by name: the components of the OpenAPI document.
// Thread: any; immutable.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace framewire::relay {

// All of them: an object of schemas.
const nlohmann::json& schemas();
// One. It is there: names are ours (tests/unit/server/openapi_test.cpp looks at each that is used).
const nlohmann::json& schema_named(std::string_view name);

}  // namespace framewire::relay
