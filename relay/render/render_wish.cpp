#include "relay/render/render_wish.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "codec/render.h"
#include "ingest/base/try.h"
#include "relay/access/jwt/base64url.h"
#include "relay/access/origin_pattern.h"
#include "relay/control/schema_check.h"
#include "relay/control/schemas.h"
#include "relay/record/names.h"

namespace framewire::relay {
namespace {

using nlohmann::json;

constexpr std::uint32_t kLargestSide = 8192;

struct PageUrl {
  std::string origin;
  std::string shown;  // without query and fragment, where keys are
};

// Chromium holds what it opens against the same list, by its own reading of the URL.
Result<PageUrl> read_url(const std::string& url) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> parts{curl_url(), curl_url_cleanup};
  const auto part = [&](CURLUPart which) {
    char* text = nullptr;
    std::string out;
    if (curl_url_get(parts.get(), which, &text, 0) == CURLUE_OK && text) out = text;
    curl_free(text);
    return out;
  };
  const bool good = parts && curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
  const std::string scheme = good ? part(CURLUPART_SCHEME) : "";
  if (scheme != "http" && scheme != "https")
    return fail(Errc::bad_text, "\"url\" is no http:// or https:// URL");
  if (!part(CURLUPART_USER).empty())
    return fail(Errc::bad_text, "\"url\" has a user's name in it, which pages are not opened by");
  std::string host = part(CURLUPART_HOST), port = part(CURLUPART_PORT);
  std::transform(host.begin(), host.end(), host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if ((scheme == "https" && port == "443") || (scheme == "http" && port == "80")) port.clear();
  PageUrl out;
  out.origin = fmt::format("{}://{}{}{}", scheme, host, port.empty() ? "" : ":", port);
  out.shown = out.origin + part(CURLUPART_PATH);
  return out;
}

Result<void> check_size(const std::string& text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  std::uint32_t width = 0, height = 0;
  const auto first = std::from_chars(at, end, width);
  bool good = first.ec == std::errc{} && first.ptr != end && *first.ptr == 'x';
  if (good) {
    const auto second = std::from_chars(first.ptr + 1, end, height);
    good = second.ec == std::errc{} && second.ptr == end;
  }
  if (good && width > 0 && height > 0 && width <= kLargestSide && height <= kLargestSide) return {};
  return fail(Errc::bad_text,
              fmt::format("\"size\" is such as 1920x1080, each side 1 to {}", kLargestSide));
}

// "data:audio/wav;base64,..." or a recording.
Result<void> read_sound(const std::string& text, RenderWish& to) {
  if (is_recording_id(text)) {
    to.sound_of = text;
    return {};
  }
  constexpr std::string_view kBase64 = ";base64,";
  const std::size_t comma = text.find(kBase64);
  if (text.starts_with("data:") && comma != std::string::npos) {
    std::string coded = text.substr(comma + kBase64.size());
    while (coded.ends_with('=')) coded.pop_back();
    std::replace(coded.begin(), coded.end(), '+', '-');
    std::replace(coded.begin(), coded.end(), '/', '_');
    if (auto bytes = jwt::base64url_decode(coded); bytes && !bytes->empty()) {
      to.sound = *std::move(bytes);
      return {};
    }
  }
  return fail(Errc::bad_text,
              "\"audio\" is the id of a recording, or a file of sound as data:...;base64,...");
}

Result<void> read_page(const json& body, const Config& config, RenderWish& to) {
  const bool by_url = body.contains("url"), by_html = body.contains("html");
  if (by_url == by_html)
    return fail(Errc::bad_text, by_url ? "\"url\" and \"html\" exclude each other"
                                       : "the member \"url\" or \"html\" is missing");
  if (by_html) {
    to.html = body["html"].get<std::string>();
    return {};
  }
  to.url = body["url"].get<std::string>();
  ASSIGN_OR_RETURN(const PageUrl url, read_url(to.url));
  to.info.page = url.shown;
  const auto& origins = config.render_origins;
  if (std::any_of(origins.begin(), origins.end(),
                  [&](const std::string& entry) { return origin_matches(entry, url.origin); }))
    return {};
  return fail(
      Errc::refused,
      fmt::format("this server opens no page of {}: its operator allows {} "
                  "(--render-origin); send the page itself, as \"html\"",
                  url.origin,
                  origins.empty() ? "no URL" : fmt::format("{}", fmt::join(origins, ", "))));
}

// What is read to its first zero byte by some, and to its end by others, means two things.
Result<void> check_texts(const json& body) {
  for (const char* name : {"url", "canvas"})
    if (body.contains(name) &&
        body[name].get_ref<const std::string&>().find('\0') != std::string::npos)
      return fail(Errc::bad_text, fmt::format("\"{}\" has a zero byte in it", name));
  return {};
}

// What the container cannot have is said now, not when its turn comes.
Result<void> check_film(const json& body, const std::string& format) {
  codec::RenderSpec film;
  film.container = format;
  film.alpha = body.value("alpha", false);
  film.codec = codec::usual_codec(format, film.alpha);
  film.quality = body.value("quality", film.quality);
  film.chroma = body.value("chroma", "");
  film.bit_depth = body.value("bit_depth", 0u);
  film.plays = body.value("loop", 0u);
  film.sound = body.contains("audio");
  film.fps = body.value("fps", 0.0);
  const double frames = std::round(film.fps * body.value("duration", 0.0));
  film.frames = static_cast<std::uint64_t>(frames);
  if (std::string why = codec::why_no_film(film); !why.empty())
    return fail(Errc::bad_text, std::move(why));
  return {};
}

}  // namespace

Result<RenderWish> read_render_wish(std::string_view text, const Config& config) {
  ASSIGN_OR_RETURN(const json body, read_body(text, schema_named("RenderWish")));
  RenderWish out;
  RETURN_IF_ERROR(check_texts(body));
  RETURN_IF_ERROR(read_page(body, config, out));
  out.info.title = body.value("title", "");
  out.info.format = body.value("format", "mp4");
  RETURN_IF_ERROR(check_film(body, out.info.format));
  if (body.contains("audio")) RETURN_IF_ERROR(read_sound(body["audio"].get<std::string>(), out));
  if (body.contains("props"))
    out.props = body["props"].dump(-1, ' ', false, json::error_handler_t::replace);

  std::vector<std::string>& words = out.arguments;
  words = {"--progress=json", "--isolated"};
  for (const std::string& origin : config.render_origins) words.push_back("--reach=" + origin);
  if (!config.render_chromium.empty()) words.push_back("--chromium=" + config.render_chromium);
  if (body.contains("fps")) words.push_back(fmt::format("--fps={}", body["fps"].get<double>()));
  if (body.contains("duration"))
    words.push_back(fmt::format(
        "--duration={}ms", std::max(1LL, std::llround(body["duration"].get<double>() * 1000))));
  if (body.contains("size")) {
    const auto size = body["size"].get<std::string>();
    RETURN_IF_ERROR(check_size(size));
    words.push_back("--size=" + size);
  }
  if (body.value("alpha", false)) words.emplace_back("--alpha");
  if (body.contains("bit_depth"))
    words.push_back(fmt::format("--bit-depth={}", body["bit_depth"].get<std::uint32_t>()));
  if (body.contains("loop"))
    words.push_back(fmt::format("--loop={}", body["loop"].get<std::uint32_t>()));
  for (const char* name : {"quality", "chroma", "canvas"})
    if (body.contains(name))
      words.push_back(fmt::format("--{}={}", name, body[name].get<std::string>()));
  if (body.contains("seed"))
    words.push_back(fmt::format("--seed={}", body["seed"].get<std::uint32_t>()));
  if (const auto workers = body.value("workers", std::size_t{1}); workers > config.render_workers)
    return fail(Errc::bad_text,
                fmt::format("\"workers\" is {}: this server has {} for a film (--render-workers)",
                            workers, config.render_workers));
  else
    words.push_back(fmt::format("--workers={}", workers));
  return out;
}

}  // namespace framewire::relay
