#include "tools/render/page_console.h"

#include <fmt/format.h>

#include "tools/render/film_page.h"

namespace framewire::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestLine = 2'000;

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

// What a terminal shows, and does not obey: no control characters (also not those of U+0080 to
// U+009F), and not without end.
std::string shown(std::string text) {
  if (text.size() > kLongestLine) {
    std::size_t end = kLongestLine;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text.resize(end);
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 =
        byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (c1) text.replace(i, 2, "?");
    if (byte < 0x20 || byte == 0x7f) text[i] = '?';
  }
  return text;
}

// DevTools counts lines and columns from 0.
std::string place_of(const json& at) {
  const std::string url = at.value("url", "");
  if (url.empty()) return "";
  return fmt::format("{}:{}:{}: ", url, at.value("lineNumber", 0) + 1,
                     at.value("columnNumber", 0) + 1);
}

// The innermost place of the page's own, not that of our script in it, which has no URL.
std::string place_in(const json& details) {
  for (const json& frame :
       details.value("stackTrace", json::object()).value("callFrames", json::array()))
    if (auto place = place_of(frame); !place.empty()) return place;
  return place_of(details);
}

std::string text_of(const json& argument) {
  if (argument.contains("value")) {
    const json& value = argument["value"];
    return value.is_string() ? value.get<std::string>() : value.dump();
  }
  return argument.value("description", argument.value("type", ""));
}

}  // namespace

std::string error_line(const json& details) {
  const json exception = details.value("exception", json::object());
  std::string what = first_line(text_of(exception));
  if (exception.empty()) what = details.value("text", "an error");
  return shown(place_in(details) + what);
}

std::string console_line(const std::string& method, const json& params) {
  if (method == "Log.entryAdded") {
    const json entry = params.value("entry", json::object());
    if (entry.value("level", "") != "error") return "";
    const std::string url = entry.value("url", "");
    if (url.ends_with("/favicon.ico")) return "";  // nobody but the browser asked for it
    return shown(
        fmt::format("{}{}{}", url, url.empty() ? "" : ": ", first_line(entry.value("text", ""))));
  }
  const std::string type = params.value("type", "");
  if (type != "error" && type != "warning" && type != "assert") return "";
  std::string text;
  for (const json& argument : params.value("args", json::array()))
    text += (text.empty() ? "" : " ") + text_of(argument);
  return shown(place_in(params) + first_line(text));
}

}  // namespace framewire::cli
