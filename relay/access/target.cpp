#include "relay/access/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>

#include "codec/outputs.h"
#include "relay/base/stream_name.h"
#include "relay/fanout/messages.h"
#include "relay/record/names.h"

namespace framewire::relay {
namespace {

using Route = Target::Route;

constexpr std::size_t kMaxAssetLength = 128;
constexpr std::uint64_t kMostNumber = std::uint64_t{1} << 53;  // which a double holds
constexpr std::uint64_t kMostLoops = 4'096;

// ASCII only, whatever the locale.
constexpr bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
constexpr bool is_name_char(char c) {
  return is_alphanumeric(c) || c == '_' || c == '-';
}

// What follows `prefix`, if the path begins with it.
std::optional<std::string_view> after(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return std::nullopt;
  return path.substr(prefix.size());
}

Result<Target> named(Route route, std::string_view name) {
  if (!is_stream_name(name)) {
    return fail(Errc::refused,
                "a stream's name is 1 to 4 segments of A-Z a-z 0-9 _ -, each of at most 64 "
                "characters, joined by /");
  }
  Target target;
  target.route = route;
  target.stream = name;
  return target;
}

// Names hold no '.', so the last one of the last segment begins an extension. The files of HLS have
// extensions that no rendition has.
Result<Target> live(std::string_view rest) {
  const std::size_t slash = rest.rfind('/');
  if (slash != std::string_view::npos && codec::output_named(hls::kSource)) {
    if (const auto file = hls::parse_file(rest.substr(slash + 1))) {
      Result<Target> target = named(Route::hls, rest.substr(0, slash));
      if (target) target->hls_file = *file;
      return target;
    }
  }
  const std::size_t dot = rest.rfind('.');
  if (dot == std::string_view::npos || (slash != std::string_view::npos && dot < slash)) {
    return named(Route::live, rest);
  }
  const std::string_view extension = rest.substr(dot + 1);
  Result<Target> target = named(Route::live, extension.empty() ? rest : rest.substr(0, dot));
  if (!target) return target;
  if (extension != "webm" && !codec::output_named(extension)) return Target{};
  target->extension = extension;
  return target;
}

// Segments that begin with a letter or digit and go on with [A-Za-z0-9._-], with a '.' in the last
// one.
bool is_asset(std::string_view path) {
  if (path.empty() || path.size() > kMaxAssetLength) return false;
  char before = '/';
  bool dot_in_last = false;
  for (const char c : path) {
    if (before == '/' && !is_alphanumeric(c)) return false;
    if (!is_name_char(c) && c != '.' && c != '/') return false;
    if (before == '.' && c == '.') return false;
    dot_in_last = c != '/' && (dot_in_last || c == '.');
    before = c;
  }
  return dot_in_last && before != '.';
}

Target of_recording(Route route, std::string_view id) {
  Target target;
  if (!is_recording_id(id)) return target;
  target.route = route;
  target.recording = id;
  return target;
}

Target recording_file(std::string_view rest) {
  constexpr std::string_view kPicture = ".jpg";
  if (rest.ends_with(kPicture))
    return of_recording(Route::thumbnail, rest.substr(0, rest.size() - kPicture.size()));
  return of_recording(Route::recording, rest);
}

// Decimal digits without a sign or a leading zero, at most `most`.
std::optional<std::uint64_t> plain_number(std::string_view text, std::uint64_t most) {
  std::uint64_t out = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool whole = wrong == std::errc{} && end == text.data() + text.size();
  if (!whole || out > most || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  return out;
}

// An id that is none is nothing of ours: 404.
Target session(std::string_view id) {
  Target target;
  if (const auto found = parse_session_id(id)) {
    target.route = Route::api_session;
    target.session = *found;
  }
  return target;
}

Target restream(std::string_view id) {
  Target target;
  if (const auto found = plain_number(id, kMostNumber)) {
    target.route = Route::api_restream;
    target.restream = *found;
  }
  return target;
}

Target ban(std::string_view id) {
  Target target;
  if (const auto found = plain_number(id, kMostNumber)) {
    target.route = Route::api_ban;
    target.ban = *found;
  }
  return target;
}

Target render(std::string_view id) {
  Target target;
  if (const auto found = plain_number(id, kMostNumber)) {
    target.route = Route::api_render;
    target.render = *found;
  }
  return target;
}

Route fixed_route(std::string_view path) {
  if (path == "/") return Route::streams_page;
  if (path == "/recordings" || path == "/recordings/") return Route::recordings_page;
  if (path == "/metrics") return Route::metrics;
  if (path == "/healthz") return Route::healthz;
  if (path == "/echo") return Route::echo;
  if (path == "/api/v1/streams") return Route::api_streams;
  if (path == "/api/v1/recordings") return Route::api_recordings;
  if (path == "/api/v1/sessions") return Route::api_sessions;
  if (path == "/api/v1/restreams") return Route::api_restreams;
  if (path == "/api/v1/bans") return Route::api_bans;
  if (path == "/api/v1/render") return Route::api_renders;
  if (path == "/api/v1/config") return Route::api_config;
  if (path == "/api/v1/events") return Route::api_events;
  if (path == "/api/v1/openapi.json") return Route::api_openapi;
  if (path == "/api" || path == "/api/") return Route::api_page;
  if (path == "/admin" || path == "/admin/") return Route::admin_page;
  if (path == "/render" || path == "/render/") return Route::render_page;
  return Route::none;
}

}  // namespace

std::optional<Target::SessionId> parse_session_id(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto loop = plain_number(text.substr(0, dash), kMostLoops);
  const auto number = plain_number(text.substr(dash + 1), kMostNumber);
  if (!loop || !number) return std::nullopt;
  return Target::SessionId{static_cast<unsigned>(*loop), *number};
}

std::string to_string(Target::SessionId id) {
  return fmt::format("{}-{}", id.loop, id.number);
}

Viewed viewed(const Target& live) {
  if (live.extension.empty()) return {live.stream, Rendition::origin};
  if (live.extension == rendition_name(Rendition::webm)) return {live.stream, Rendition::webm};
  return {derived_name(live.stream, live.extension), Rendition::origin};
}

Result<Target> parse_target(std::string_view decoded_path) {
  if (const auto rest = after(decoded_path, "/live/")) return live(*rest);
  if (const auto rest = after(decoded_path, "/link/")) return named(Route::link, *rest);
  if (const auto rest = after(decoded_path, "/publish/")) return named(Route::publish, *rest);
  if (const auto rest = after(decoded_path, "/watch/")) return named(Route::watch, *rest);
  if (const auto rest = after(decoded_path, "/embed/")) return named(Route::embed, *rest);
  if (const auto rest = after(decoded_path, "/api/v1/streams/")) {
    return named(Route::api_stream, *rest);
  }
  if (const auto rest = after(decoded_path, "/api/v1/recordings/")) {
    constexpr std::string_view kUpload = "/upload";  // an id ends with an extension
    if (rest->ends_with(kUpload))
      return of_recording(Route::api_upload, rest->substr(0, rest->size() - kUpload.size()));
    return of_recording(Route::api_recording, *rest);
  }
  if (const auto rest = after(decoded_path, "/api/v1/chat/")) return named(Route::api_chat, *rest);
  if (const auto rest = after(decoded_path, "/api/v1/sessions/")) return session(*rest);
  if (const auto rest = after(decoded_path, "/api/v1/restreams/")) return restream(*rest);
  if (const auto rest = after(decoded_path, "/api/v1/bans/")) return ban(*rest);
  if (const auto rest = after(decoded_path, "/api/v1/render/")) return render(*rest);
  if (const auto rest = after(decoded_path, "/recordings/"); rest && !rest->empty())
    return recording_file(*rest);
  Target target;
  target.route = fixed_route(decoded_path);
  if (target.route != Route::none) return target;
  if (decoded_path == "/samples/") decoded_path = "/samples/index.html";
  if (const auto rest = after(decoded_path, "/"); rest && is_asset(*rest)) {
    target.route = Route::asset;
    target.asset = *rest;
  }
  return target;
}

Result<Target> parse_post_target(std::string_view decoded_path) {
  constexpr std::string_view kRecord = "/record";
  const auto rest = after(decoded_path, "/api/v1/streams/");
  if (rest && rest->ends_with(kRecord))
    return named(Route::api_record, rest->substr(0, rest->size() - kRecord.size()));
  return parse_target(decoded_path);
}

}  // namespace framewire::relay
