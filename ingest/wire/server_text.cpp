#include "ingest/wire/server_text.h"

#include <nlohmann/json.hpp>

namespace framewire {
namespace {

using nlohmann::json;

std::string string_of(const json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// 0: absent, or of another type.
template <class Number>
Number number_of(const json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_number() ? found->get<Number>() : Number{};
}

StreamText stream_of(const json& object) {
  return {format_named(string_of(object, "format")), number_of<std::uint32_t>(object, "width"),
          number_of<std::uint32_t>(object, "height"), number_of<double>(object, "fps"),
          resize_named(string_of(object, "resize")).value_or(Resize::epoch)};
}

std::string data_of(const json& object) {
  const auto data = object.find("data");
  if (data == object.end()) return {};
  if (data->is_string()) return data->get<std::string>();
  return data->dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

ServerText read_server_text(std::string_view text) {
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) return OtherText{};
  const std::string type = string_of(object, "type");
  if (type == "stream") return stream_of(object);
  if (type == "end") return EndText{};
  if (type == "sender") return SenderText{string_of(object, "sender")};
  if (type == "message" && object.contains("data"))
    return SaidText{string_of(object, "sender"), string_of(object, "name"), data_of(object)};
  return OtherText{};
}

}  // namespace framewire
