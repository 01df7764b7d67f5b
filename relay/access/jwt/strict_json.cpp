#include "relay/access/jwt/strict_json.h"

#include <set>
#include <string>
#include <vector>

#include "relay/access/jwt/limits.h"

namespace framewire::jwt {
namespace {

using Event = nlohmann::json::parse_event_t;

// Looks on while nlohmann parses.
class Watch {
 public:
  bool operator()(int depth, Event event, const nlohmann::json& value) {
    if (event == Event::object_start || event == Event::array_start)
      too_deep_ |= static_cast<std::size_t>(depth) >= kJsonDepth;
    if (event == Event::object_start) names_.emplace_back();
    if (event == Event::object_end) names_.pop_back();
    if (event == Event::key)
      twice_ |= !names_.back().insert(value.get_ref<const std::string&>()).second;
    return true;
  }
  std::string_view trouble() const {
    if (twice_) return "has a member twice";
    return too_deep_ ? "is nested too deeply" : "";
  }

 private:
  std::vector<std::set<std::string>> names_;
  bool twice_ = false;
  bool too_deep_ = false;
};

}  // namespace

tl::expected<nlohmann::json, std::string_view> parse_object(std::string_view text) {
  // nlohmann takes a NUL for the end of the text, whatever stands behind it.
  if (text.find('\0') != std::string_view::npos) return tl::make_unexpected("is no JSON");
  Watch watch;
  nlohmann::json value = nlohmann::json::parse(
      text,
      [&](int depth, Event event, nlohmann::json& parsed) { return watch(depth, event, parsed); },
      false);
  if (value.is_discarded()) return tl::make_unexpected("is no JSON");
  if (!watch.trouble().empty()) return tl::make_unexpected(watch.trouble());
  if (!value.is_object()) return tl::make_unexpected("is no JSON object");
  return value;
}

const nlohmann::json* member(const nlohmann::json& object, std::string_view name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

}  // namespace framewire::jwt
