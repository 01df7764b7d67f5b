#include "relay/control/schema_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

namespace framewire::relay {
namespace {

constexpr int kDeepest = 32;
constexpr std::size_t kShownBytes = 64;

std::string in_quotes(std::string_view name) {
  return nlohmann::json(std::string{name.substr(0, kShownBytes)})
      .dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string_view kind_of(const nlohmann::json& value) {
  if (value.is_number_integer()) return "integer";
  if (value.is_number()) return "number";
  if (value.is_string()) return "string";
  if (value.is_boolean()) return "boolean";
  if (value.is_array()) return "array";
  return value.is_null() ? "null" : "object";
}

bool is_of(std::string_view type, const nlohmann::json& value) {
  return kind_of(value) == type || (type == "number" && value.is_number());
}

std::string with_article(std::string_view type) {
  if (type == "null") return "null";
  return std::string{type == "integer" || type == "array" || type == "object" ? "an " : "a "} +
         std::string{type};
}

class Check {
 public:
  std::optional<std::string> of(const nlohmann::json& schema, const nlohmann::json& value,
                                const std::string& where) {
    if (auto wrong = type(schema, value, where)) return wrong;
    if (const auto all = schema.find("enum"); all != schema.end()) {
      if (std::find(all->begin(), all->end(), value) == all->end())
        return fmt::format("{} is none of {}", where, all->dump());
    }
    if (value.is_object()) return object(schema, value, where);
    if (value.is_array()) return array(schema, value, where);
    if (value.is_number()) return number(schema, value, where);
    if (value.is_string()) return text(schema, value, where);
    return std::nullopt;
  }

 private:
  static std::optional<std::string> type(const nlohmann::json& schema, const nlohmann::json& value,
                                         const std::string& where) {
    const auto type = schema.find("type");
    if (type == schema.end()) return std::nullopt;
    const nlohmann::json types = type->is_array() ? *type : nlohmann::json::array({*type});
    std::string names;
    for (const nlohmann::json& each : types) {
      const std::string name = each.get<std::string>();
      if (is_of(name, value)) return std::nullopt;
      names += (names.empty() ? "" : " or ") + with_article(name);
    }
    return fmt::format("{} is {}, not {}", where, with_article(kind_of(value)), names);
  }

  std::optional<std::string> object(const nlohmann::json& schema, const nlohmann::json& value,
                                    const std::string& where) {
    const nlohmann::json none = nlohmann::json::object();
    const nlohmann::json& known = schema.contains("properties") ? schema["properties"] : none;
    const bool closed = schema.contains("additionalProperties") &&
                        schema["additionalProperties"] == nlohmann::json(false);
    for (const auto& [name, member] : value.items()) {
      const auto its = known.find(name);
      if (its == known.end()) {
        if (!closed) {
          const auto others = schema.find("additionalProperties");
          if (others == schema.end() || !others->is_object()) continue;
          if (auto wrong = of(*others, member, in_quotes(name))) return wrong;
          continue;
        }
        std::string names;
        for (const auto& each : known.items()) names += (names.empty() ? "" : ", ") + each.key();
        return fmt::format("there is no member {} here: {}", in_quotes(name), names);
      }
      if (auto wrong = of(*its, member, in_quotes(name))) return wrong;
    }
    if (const auto required = schema.find("required"); required != schema.end())
      for (const nlohmann::json& name : *required)
        if (!value.contains(name.get<std::string>()))
          return fmt::format("the member {} is missing", name.dump());
    if (const auto least = schema.find("minProperties");
        least != schema.end() && value.size() < least->get<std::size_t>())
      return fmt::format("{} says nothing", where);
    return std::nullopt;
  }

  std::optional<std::string> array(const nlohmann::json& schema, const nlohmann::json& value,
                                   const std::string& where) {
    if (const auto most = schema.find("maxItems");
        most != schema.end() && value.size() > most->get<std::size_t>())
      return fmt::format("{} has {} items, at most {}", where, value.size(), most->dump());
    if (const auto items = schema.find("items"); items != schema.end())
      for (const nlohmann::json& item : value)
        if (auto wrong = of(*items, item, "an item of " + where)) return wrong;
    return std::nullopt;
  }

  static std::optional<std::string> number(const nlohmann::json& schema,
                                           const nlohmann::json& value, const std::string& where) {
    const auto least = schema.find("minimum"), most = schema.find("maximum");
    if (least != schema.end() && value < *least)
      return fmt::format("{} is less than {}", where, least->dump());
    if (most != schema.end() && value > *most)
      return fmt::format("{} is more than {}", where, most->dump());
    return std::nullopt;
  }

  static std::optional<std::string> text(const nlohmann::json& schema, const nlohmann::json& value,
                                         const std::string& where) {
    const std::size_t size = value.get_ref<const std::string&>().size();
    const auto least = schema.find("minLength"), most = schema.find("maxLength");
    if (least != schema.end() && size < least->get<std::size_t>())
      return fmt::format("{} is too short", where);
    if (most != schema.end() && size > most->get<std::size_t>())
      return fmt::format("{} has {} bytes, at most {}", where, size, most->dump());
    return std::nullopt;
  }
};

// nlohmann keeps the last of two members of one name; who reads the other one would be fooled.
class Twice {
 public:
  bool operator()(int depth, nlohmann::json::parse_event_t event, const nlohmann::json& parsed) {
    if (depth > kDeepest) too_deep = true;
    if (event == nlohmann::json::parse_event_t::object_start) names_.emplace_back();
    if (event == nlohmann::json::parse_event_t::object_end && !names_.empty()) names_.pop_back();
    if (event == nlohmann::json::parse_event_t::key && !names_.empty() &&
        !names_.back().insert(parsed.get<std::string>()).second && twice.empty())
      twice = parsed.get<std::string>();
    return !too_deep;
  }
  std::string twice;
  bool too_deep = false;

 private:
  std::vector<std::set<std::string>> names_;
};

}  // namespace

std::optional<std::string> why_not(const nlohmann::json& schema, const nlohmann::json& value) {
  return Check{}.of(schema, value, "the body");
}

Result<nlohmann::json> read_body(std::string_view text, const nlohmann::json& schema) {
  if (text.empty()) return fail(Errc::bad_text, "the body is empty: JSON is expected");
  Twice seen;
  nlohmann::json value = nlohmann::json::parse(
      text,
      [&seen](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
        return seen(depth, event, parsed);
      },
      /*allow_exceptions=*/false);
  if (seen.too_deep) return fail(Errc::bad_text, "the body is nested too deep");
  if (value.is_discarded()) return fail(Errc::bad_text, "the body is no JSON");
  if (!seen.twice.empty())
    return fail(Errc::bad_text, fmt::format("the member {} is said twice", in_quotes(seen.twice)));
  if (auto wrong = why_not(schema, value)) return fail(Errc::bad_text, *std::move(wrong));
  return value;
}

}  // namespace framewire::relay
