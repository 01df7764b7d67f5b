#include "codec/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace framewire::codec {
namespace {

using nlohmann::json;

struct FilmContainer {
  std::string_view name;
  std::array<std::string_view, 5> codecs;  // the first is the usual one
  std::string_view alpha_codec;            // the usual one with alpha; "" = it has none
};
constexpr std::array kFilmContainers = {
    FilmContainer{"mp4", {"h264", "vp9", "av1"}, ""},
    FilmContainer{"webm", {"vp9", "vp8", "av1"}, "vp9"},
    FilmContainer{"mkv", {"h264", "vp9", "vp8", "av1", "prores"}, "prores"},
    FilmContainer{"mov", {"h264", "prores"}, "prores"}};
constexpr std::array<std::string_view, 3> kAlphaCodecs = {"vp8", "vp9", "prores"};
constexpr std::array<std::string_view, 4> kFilmQualities = {"draft", "good", "high", "lossless"};

const FilmContainer* film_container(std::string_view name) {
  const auto* found = std::find_if(kFilmContainers.begin(), kFilmContainers.end(),
                                   [&](const FilmContainer& c) { return c.name == name; });
  return found == kFilmContainers.end() ? nullptr : found;
}

template <class List>
bool holds(const List& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

std::string to_json(const RenderSpec& spec) {
  return json{{"width", spec.width},     {"height", spec.height},       {"fps", spec.fps},
              {"frames", spec.frames},   {"container", spec.container}, {"codec", spec.codec},
              {"quality", spec.quality}, {"alpha", spec.alpha},         {"sound", spec.sound}}
      .dump();
}

Result<RenderSpec> render_from_json(std::string_view text) {
  const json value = json::parse(text, nullptr, false);
  if (!value.is_object()) return fail(Errc::protocol, "a film that is no JSON object");
  RenderSpec spec;
  try {
    spec.width = value.at("width").get<std::uint32_t>();
    spec.height = value.at("height").get<std::uint32_t>();
    spec.fps = value.at("fps").get<double>();
    spec.frames = value.at("frames").get<std::uint64_t>();
    spec.container = value.at("container").get<std::string>();
    spec.codec = value.at("codec").get<std::string>();
    spec.quality = value.at("quality").get<std::string>();
    spec.alpha = value.at("alpha").get<bool>();
    spec.sound = value.at("sound").get<bool>();
  } catch (const json::exception& error) {
    return fail(Errc::protocol, error.what());
  }
  return spec;
}

std::string why_no_film(const RenderSpec& spec) {
  const FilmContainer* container = film_container(spec.container);
  if (!container) return fmt::format("there is no container {}", spec.container);
  if (!spec.codec.empty() && !holds(container->codecs, spec.codec))
    return fmt::format(
        "{} holds no {}, only {}", spec.container, spec.codec,
        fmt::join(container->codecs.begin(),
                  std::find(container->codecs.begin(), container->codecs.end(), ""), ", "));
  if (spec.alpha && !holds(kAlphaCodecs, spec.codec))
    return fmt::format("{} in {} has no transparency: .webm (vp9), .mov (prores) and .png have",
                       spec.codec, spec.container);
  if (!holds(kFilmQualities, spec.quality))
    return fmt::format("there is no quality {}, only {}", spec.quality,
                       fmt::join(kFilmQualities, ", "));
  const bool never = spec.codec == "vp8" || spec.codec == "prores";
  if (spec.quality == "lossless" && never) return fmt::format("{} is never lossless", spec.codec);
  return "";
}

std::string_view usual_codec(std::string_view container, bool alpha) {
  const FilmContainer* found = film_container(container);
  if (!found) return "";
  return alpha && !found->alpha_codec.empty() ? found->alpha_codec : found->codecs.front();
}

std::array<std::byte, kPictureHeadBytes> to_bytes(const PictureHead& head) {
  std::array<std::byte, kPictureHeadBytes> out{};
  store_be(out.data(), head.bytes);
  store_be(out.data() + 4, static_cast<std::uint32_t>(head.kind));
  return out;
}

PictureHead picture_head(Bytes bytes) {
  return {load_be<std::uint32_t>(bytes),
          static_cast<PictureKind>(load_be<std::uint32_t>(bytes, 4))};
}

}  // namespace framewire::codec
