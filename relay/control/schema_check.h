// A JSON value held against a JSON Schema: the part of it that schemas.h uses. The same text that
// the OpenAPI document shows is what requests are judged by. Keywords: type, properties, required,
// additionalProperties, minProperties, items, maxItems, minimum, maximum, minLength,
// maxLength (bytes), enum. Others describe, and judge nothing.
// Pure. Thread: any.  Source: JSON Schema 2020-12, "Validation".
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/base/error.h"

namespace framewire::relay {

// nullopt: it fits. Else a sentence that names the member: `"title" is a number, not a string`.
std::optional<std::string> why_not(const nlohmann::json& schema, const nlohmann::json& value);

// The body of a request: Errc::bad_text for what is no JSON, is nested too deep (32), says a member
// twice, or does not fit.
Result<nlohmann::json> read_body(std::string_view text, const nlohmann::json& schema);

}  // namespace framewire::relay
