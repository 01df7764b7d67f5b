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
  bool image = false;                      // an animated one
};
constexpr std::array kFilmContainers = {
    FilmContainer{"mp4", {"h264", "vp9", "av1"}, ""},
    FilmContainer{"webm", {"vp9", "vp8", "av1"}, "vp9"},
    FilmContainer{"mkv", {"h264", "vp9", "vp8", "av1", "prores"}, "prores"},
    FilmContainer{"mov", {"h264", "prores"}, "prores"},
    FilmContainer{"gif", {"gif"}, "gif", true},
    FilmContainer{"webp", {"webp"}, "webp", true},
    FilmContainer{"apng", {"apng"}, "apng", true},
    FilmContainer{"avif", {"av1"}, "", true}};
constexpr std::array<std::string_view, 6> kAlphaCodecs = {"vp8", "vp9",  "prores",
                                                          "gif", "webp", "apng"};
constexpr std::array<std::string_view, 4> kFilmQualities = {"draft", "good", "high", "lossless"};

// What a codec takes of each chroma, as the field counts it, at 8 and at 10 bits.
struct FilmSamples {
  std::string_view codec;
  std::array<std::string_view, 3> at_8;
  std::array<std::string_view, 3> at_10;
  std::array<std::string_view, 3> with_alpha;  // at its usual depth
};
constexpr std::array kFilmSamples = {
    FilmSamples{"h264", {"420", "422", "444"}, {"420", "422", "444"}, {}},
    FilmSamples{"vp8", {"420"}, {}, {"420"}},
    FilmSamples{"vp9", {"420", "422", "444"}, {"420", "422", "444"}, {"420"}},
    FilmSamples{"av1", {"420", "422", "444"}, {"420", "422", "444"}, {}},
    FilmSamples{"prores", {}, {"444", "422"}, {"444"}}};

// Viewers decode an animated image whole, or again and again; WebP's encoder keeps all of it.
constexpr std::uint64_t kMostImageFrames = 3'000;
constexpr std::uint64_t kMostImagePixels = std::uint64_t{1} << 31;
// Its delays are hundredths of a second, and browsers show those below 2 for a tenth.
constexpr double kMostGifFps = 50;

const FilmContainer* film_container(std::string_view name) {
  const auto* found = std::find_if(kFilmContainers.begin(), kFilmContainers.end(),
                                   [&](const FilmContainer& c) { return c.name == name; });
  return found == kFilmContainers.end() ? nullptr : found;
}

template <class List>
bool holds(const List& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// Those that there are, up to the first empty one.
template <class List>
std::string words_of(const List& list) {
  return fmt::format("{}", fmt::join(list.begin(), std::find(list.begin(), list.end(), ""), ", "));
}

std::string why_no_samples(const RenderSpec& spec) {
  if (spec.chroma.empty() && spec.bit_depth == 0) return "";
  const auto* found =
      std::find_if(kFilmSamples.begin(), kFilmSamples.end(),
                   [&](const FilmSamples& samples) { return samples.codec == spec.codec; });
  if (found == kFilmSamples.end())
    return fmt::format("{} has its own colours: chroma and bit depth are of video", spec.codec);
  if (spec.bit_depth != 0 && spec.bit_depth != 8 && spec.bit_depth != 10)
    return fmt::format("a bit depth of {}: it is 8 or 10", spec.bit_depth);
  const auto& usual = found->at_8.front().empty() ? found->at_10 : found->at_8;
  const auto& held = spec.bit_depth == 8    ? found->at_8
                     : spec.bit_depth == 10 ? found->at_10
                                            : usual;
  if (held.front().empty()) return fmt::format("{} has no {} bits", spec.codec, spec.bit_depth);
  if (!spec.chroma.empty() && !holds(held, spec.chroma))
    return fmt::format("{} has no chroma {}, only {}", spec.codec, spec.chroma, words_of(held));
  if (!spec.alpha) return "";
  if (!spec.chroma.empty() && !holds(found->with_alpha, spec.chroma))
    return fmt::format("{} with transparency has no chroma {}, only {}", spec.codec, spec.chroma,
                       words_of(found->with_alpha));
  if (spec.bit_depth == 10 && &held != &usual)
    return fmt::format("{} with transparency has no 10 bits", spec.codec);
  return "";
}

std::string why_no_image(const RenderSpec& spec) {
  if (spec.sound) return fmt::format(".{} has no sound", spec.container);
  if (spec.container == "gif" && spec.fps > kMostGifFps)
    return fmt::format("{:g} frames a second: a GIF has {:g} at most, take --fps 25", spec.fps,
                       kMostGifFps);
  if (spec.frames > kMostImageFrames)
    return fmt::format("{} frames: .{} is for short films, of {} at most; .webm and .mp4 take more",
                       spec.frames, spec.container, kMostImageFrames);
  const std::uint64_t area = std::uint64_t{spec.width} * spec.height;
  if (area > 0 && spec.frames > kMostImagePixels / area)
    return fmt::format(
        "{} frames of {}x{}: .{} is for short films, and of this size {} is the most; .webm and "
        ".mp4 take more",
        spec.frames, spec.width, spec.height, spec.container, kMostImagePixels / area);
  return "";
}

std::string why_no_plays(const RenderSpec& spec) {
  if (spec.plays == 0) return "";
  return fmt::format(".{} does not say how often it is played: .gif, .webp and .apng do",
                     spec.container);
}

}  // namespace

std::string to_json(const RenderSpec& spec) {
  return json{
      {"width", spec.width},     {"height", spec.height},       {"fps", spec.fps},
      {"frames", spec.frames},   {"container", spec.container}, {"codec", spec.codec},
      {"quality", spec.quality}, {"chroma", spec.chroma},       {"bit_depth", spec.bit_depth},
      {"alpha", spec.alpha},     {"sound", spec.sound},         {"plays", spec.plays}}
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
    spec.chroma = value.at("chroma").get<std::string>();
    spec.bit_depth = value.at("bit_depth").get<std::uint32_t>();
    spec.alpha = value.at("alpha").get<bool>();
    spec.sound = value.at("sound").get<bool>();
    spec.plays = value.at("plays").get<std::uint32_t>();
  } catch (const json::exception& error) {
    return fail(Errc::protocol, error.what());
  }
  return spec;
}

std::string why_no_film(const RenderSpec& spec) {
  const FilmContainer* container = film_container(spec.container);
  if (!container) return fmt::format("there is no container {}", spec.container);
  if (!spec.codec.empty() && !holds(container->codecs, spec.codec))
    return fmt::format("{} holds no {}, only {}", spec.container, spec.codec,
                       words_of(container->codecs));
  if (spec.alpha && !holds(kAlphaCodecs, spec.codec))
    return fmt::format(
        "{} in {} has no transparency: .webm (vp9), .mov (prores), .webp, .apng, .gif and .png "
        "have",
        spec.codec, spec.container);
  if (!holds(kFilmQualities, spec.quality))
    return fmt::format("there is no quality {}, only {}", spec.quality,
                       fmt::join(kFilmQualities, ", "));
  const bool never = spec.codec == "vp8" || spec.codec == "prores" || spec.codec == "gif";
  if (spec.quality == "lossless" && never) return fmt::format("{} is never lossless", spec.codec);
  if (std::string why = why_no_samples(spec); !why.empty()) return why;
  return container->image ? why_no_image(spec) : why_no_plays(spec);
}

bool is_animated_image(std::string_view container) {
  const FilmContainer* found = film_container(container);
  return found && found->image;
}

std::string film_containers() {
  std::string out;
  for (const FilmContainer& container : kFilmContainers)
    out += fmt::format("{}.{}", out.empty() ? "" : " ", container.name);
  return out;
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
