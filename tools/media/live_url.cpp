#include "tools/media/live_url.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "codec/outputs.h"
#include "relay/access/target.h"
#include "relay/base/stream_name.h"

namespace framewire::cli {
namespace {

constexpr std::string_view kDefaultOrigin = "http://127.0.0.1:8080";
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kSchemes = {
    {{"http", "http"}, {"ws", "http"}, {"https", "https"}, {"wss", "https"}}};
constexpr std::array<std::string_view, 4> kPlaces = {"/live/", "/watch/", "/publish/", "/embed/"};

struct FreeUrl {
  void operator()(CURLU* url) const noexcept { curl_url_cleanup(url); }
};
using UrlHandle = std::unique_ptr<CURLU, FreeUrl>;

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return "";
  std::string out{text};
  curl_free(text);
  return out;
}

auto wrong(std::string what) {
  return tl::make_unexpected(std::move(what));
}

// name[.extension], below one of kPlaces. What the server refuses is refused here: sent to
// "my.show", a stream would else go live as "my".
Parsed<LiveUrl> stream_of(LiveUrl url, std::string_view name, bool may_have_extension) {
  const std::size_t dot = may_have_extension ? name.rfind('.') : std::string_view::npos;
  url.stream = name.substr(0, dot);
  if (!relay::is_stream_name(url.stream))
    return wrong("a stream's name is 1 to 4 segments of A-Z a-z 0-9 _ - joined by /");
  if (dot == std::string_view::npos) return url;
  url.extension = name.substr(dot + 1);
  if (url.extension != "webm" && !codec::output_named(url.extension))
    return wrong("a stream's name holds no dot, and behind it stands no format that is known here");
  return url;
}

std::string with_query(std::string text, const std::string& query, const std::string& more = "") {
  if (query.empty() && more.empty()) return text;
  return fmt::format("{}?{}{}{}", text, query, query.empty() || more.empty() ? "" : "&", more);
}

}  // namespace

std::string LiveUrl::publish(const std::string& parameters) const {
  return with_query(origin + "/publish/" + stream, query, parameters);
}

std::string LiveUrl::describe() const {
  return with_query(origin + "/api/v1/streams/" + stream, query);
}

std::string LiveUrl::live(std::string_view or_extension) const {
  const std::string_view chosen = extension.empty() ? or_extension : std::string_view{extension};
  const std::string dotted = chosen.empty() ? "" : fmt::format(".{}", chosen);
  return with_query(origin + "/live/" + stream + dotted, query);
}

std::string url_encoded(const std::string& text) {
  char* const encoded = curl_easy_escape(nullptr, text.c_str(), static_cast<int>(text.size()));
  if (!encoded) return "";
  std::string out{encoded};
  curl_free(encoded);
  return out;
}

Parsed<LiveUrl> parse_live_url(std::string_view text, bool publishes) {
  LiveUrl out;
  if (text.find("://") == std::string_view::npos) {
    out.origin = kDefaultOrigin;
    return stream_of(std::move(out), text, !publishes);
  }
  const UrlHandle url{curl_url()};
  if (!url || curl_url_set(url.get(), CURLUPART_URL, std::string{text}.c_str(),
                           CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
    return wrong("that is no URL, such as http://127.0.0.1:8080/live/cam");
  const std::string asked = part_of(url.get(), CURLUPART_SCHEME);
  const auto scheme = std::find_if(kSchemes.begin(), kSchemes.end(),
                                   [&](const auto& row) { return row.first == asked; });
  if (scheme == kSchemes.end()) return wrong("the URL begins with http, https, ws or wss");
  const std::string port = part_of(url.get(), CURLUPART_PORT);
  out.origin = fmt::format("{}://{}{}{}", scheme->second, part_of(url.get(), CURLUPART_HOST),
                           port.empty() ? "" : ":", port);
  out.query = part_of(url.get(), CURLUPART_QUERY);
  const std::string path = part_of(url.get(), CURLUPART_PATH, CURLU_URLDECODE);
  for (const std::string_view place : kPlaces)
    if (path.starts_with(place))
      return stream_of(std::move(out), std::string_view{path}.substr(place.size()),
                       place == "/live/" && !publishes);
  return wrong("the URL's path is /publish/NAME, /live/NAME or /watch/NAME");
}

}  // namespace framewire::cli
