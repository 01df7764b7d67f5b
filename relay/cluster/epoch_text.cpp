#include "relay/cluster/epoch_text.h"

#include <nlohmann/json.hpp>
#include <string>

namespace framewire::relay {
namespace {

using nlohmann::json;

constexpr std::size_t kMostTracks = 64;

std::string text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

template <class T>
T number_of(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number() ? found->get<T>() : T{};
}

}  // namespace

json epoch_json(const EpochInfo& info) {
  json tracks = json::array();
  for (const TrackInfo& track : info.tracks)
    tracks.push_back({{"kind", static_cast<unsigned>(track.kind)},
                      {"codec", track.codec},
                      {"width", track.width},
                      {"height", track.height},
                      {"sample_rate", track.sample_rate},
                      {"channels", track.channels}});
  return {{"format", to_string(info.format)},
          {"mime", info.mime},
          {"width", info.width},
          {"height", info.height},
          {"fps", info.fps},
          {"resize", to_string(info.resize)},
          {"webm", info.has_webm_rendition},
          {"tracks", std::move(tracks)}};
}

std::optional<EpochInfo> read_epoch(const json& object) {
  const auto format = format_named(text_of(object, "format"));
  if (!format) return std::nullopt;
  EpochInfo out;
  out.format = *format;
  out.mime = text_of(object, "mime");
  out.width = number_of<std::uint32_t>(object, "width");
  out.height = number_of<std::uint32_t>(object, "height");
  out.fps = number_of<double>(object, "fps");
  out.resize = resize_named(text_of(object, "resize")).value_or(Resize::epoch);
  const auto webm = object.find("webm");
  out.has_webm_rendition = webm != object.end() && *webm == true;
  const auto tracks = object.find("tracks");
  if (tracks == object.end() || !tracks->is_array()) return out;
  for (const json& from : *tracks) {
    if (!from.is_object() || out.tracks.size() == kMostTracks) break;
    TrackInfo track;
    const auto kind = number_of<unsigned>(from, "kind");
    track.kind = kind <= static_cast<unsigned>(TrackKind::other) ? static_cast<TrackKind>(kind)
                                                                 : TrackKind::other;
    track.codec = text_of(from, "codec");
    track.width = number_of<std::uint32_t>(from, "width");
    track.height = number_of<std::uint32_t>(from, "height");
    track.sample_rate = number_of<std::uint32_t>(from, "sample_rate");
    track.channels = number_of<std::uint32_t>(from, "channels");
    out.tracks.push_back(std::move(track));
  }
  return out;
}

}  // namespace framewire::relay
