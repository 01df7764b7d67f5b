// JSON that says everything once: of an object with two members of one name, parsers take the one
// or the other, so that two of them read different things. Pure. Thread: any. Source: RFC
// 8725 2.4, 3.
#pragma once
#include <nlohmann/json.hpp>
#include <string_view>
#include <tl/expected.hpp>

namespace framewire::jwt {

// An object, or what is wrong with it, as the end of a sentence ("is no JSON").
tl::expected<nlohmann::json, std::string_view> parse_object(std::string_view text);

// The member of that name, or null. `object` is one.
const nlohmann::json* member(const nlohmann::json& object, std::string_view name);

}  // namespace framewire::jwt
