#include "ingest/wire/side_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace framewire {
namespace {

// The library writes JSON by recursion, so depth is bounded before anything is written.
// text: well-formed JSON.
bool is_nested_within(std::string_view text, std::size_t limit) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > limit) return false;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return true;
}

}  // namespace

Result<SideText> read_side_text(const nlohmann::json& object, std::string_view text) {
  const auto data = object.find("data");
  if (data == object.end()) return fail(Errc::bad_text, "\"message\" without \"data\"");
  if (!is_nested_within(text, kSideNesting))
    return fail(Errc::bad_text, fmt::format("\"data\" nested more than {} deep", kSideNesting));
  SideText out;
  const auto name = object.find("name");
  if (name != object.end() && !name->is_null()) {
    if (!name->is_string()) return fail(Errc::bad_text, "\"name\" must be a string");
    out.name = name->get<std::string>();
    if (out.name.size() > kSideNameBytes)
      return fail(Errc::limit_exceeded,
                  fmt::format("\"name\" is longer than {} bytes", kSideNameBytes));
  }
  out.data = data->dump();
  return out;
}

}  // namespace framewire
