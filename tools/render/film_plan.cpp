#include "tools/render/film_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "ingest/base/try.h"
#include "tools/render/isolation.h"
#include "tools/render/page_url.h"

namespace framewire::cli {
namespace {

constexpr int kDeepestProps = 500;

Rendered<std::string> read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::stringstream text;
  if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (!file.is_open() || file.bad())
    return no_film(fmt::format("{} cannot be read", path), kExitNotFound);
  return text.str();
}

Rendered<nlohmann::json> read_props(const std::string& path) {
  if (path.empty()) return nlohmann::json::object();
  auto text = read_file(path);
  if (!text) return no_film("--props: " + text.error().what, kExitNotFound);
  bool deep = false;
  const auto shallow = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    deep = deep || depth > kDeepestProps;
    return !deep;
  };
  try {
    nlohmann::json props = nlohmann::json::parse(*text, shallow);
    if (deep)
      return no_film(
          fmt::format("--props: {}: more than {} levels within one another", path, kDeepestProps),
          kExitUsage);
    return props;
  } catch (const nlohmann::json::parse_error& error) {
    return no_film(fmt::format("--props: {}: {}", path, error.what()), kExitUsage);
  }
}

// A file is read here, and shown as if a server had sent it: so it may read no other.
Rendered<void> read_page(const RenderOptions& options, PageSpec& spec) {
  ASSIGN_OR_RETURN(spec.url, url_of_page(options.page));
  spec.isolated = options.isolated;
  spec.reach = options.reach;
  if (!options.isolated || !spec.url.starts_with("file:")) return {};
  spec.url = kIsolatedPage;
  ASSIGN_OR_RETURN(spec.html, read_file(options.page));
  return {};
}

}  // namespace

std::string in_words(const FilmPlan& plan) {
  return fmt::format("{} frames, {}x{}, {:g} frames/s, {:.3f} s", plan.frames, plan.width,
                     plan.height, plan.fps, plan.seconds());
}

Rendered<FilmPlan> plan_of(const RenderOptions& options, const PageFacts& facts) {
  FilmPlan plan{.frames = 0, .fps = facts.fps, .width = facts.width, .height = facts.height};
  double frames = 0;
  if (options.duration.count() > 0)
    frames = std::chrono::duration<double>(options.duration).count() * plan.fps;
  else if (facts.frames)
    frames = *facts.frames;
  else if (facts.duration_s)
    frames = *facts.duration_s * plan.fps;
  else
    return no_film(
        "how long is the film? --duration says it, or the page, by framewire.render.duration",
        kExitUsage);
  frames = std::max(1.0, std::round(frames));
  if (!(frames <= static_cast<double>(kMostFrames)))
    return no_film(fmt::format("a film of {:.0f} frames: {} is the most", frames, kMostFrames),
                   kExitUsage);
  if (plan.width == 0 || plan.height == 0 || plan.width > kLargestSide ||
      plan.height > kLargestSide)
    return no_film(fmt::format("pictures of {}x{}: 1 to {} is what a side may have", plan.width,
                               plan.height, kLargestSide));
  plan.frames = static_cast<std::uint64_t>(frames);
  const codec::RenderSpec film = film_spec_of(options, plan);
  if (std::string why = film.container.empty() ? "" : codec::why_no_film(film); !why.empty())
    return no_film(std::move(why), kExitUsage);
  return plan;
}

codec::RenderSpec film_spec_of(const RenderOptions& options, const FilmPlan& plan) {
  codec::RenderSpec film;
  film.width = plan.width;
  film.height = plan.height;
  film.fps = plan.fps;
  film.frames = plan.frames;
  film.container = container_of_film(options.out);
  film.codec = options.codec;
  film.quality = options.quality;
  film.chroma = options.chroma;
  film.bit_depth = options.bit_depth;
  film.alpha = options.alpha;
  film.sound = !options.audio.empty();
  film.plays = options.plays;
  return film;
}

Rendered<PageSpec> page_spec_of(const RenderOptions& options, const std::atomic<bool>& stop) {
  PageSpec spec;
  ASSIGN_OR_RETURN(spec.chromium, find_chromium(options.chromium));
  RETURN_IF_ERROR(read_page(options, spec));
  ASSIGN_OR_RETURN(spec.props, read_props(options.props));
  const std::string container = container_of_film(options.out);
  spec.fps = options.fps.value_or(container == "gif" ? kUsualGifFps : kUsualRenderFps);
  spec.fps_fixed = options.fps.has_value();
  spec.width = options.width;
  spec.height = options.height;
  spec.scale = options.scale;
  spec.canvas = options.canvas;
  spec.date_ms = options.date_ms;
  spec.seed = options.seed;
  spec.wait = options.wait;
  spec.capture = options.capture;
  spec.alpha = options.alpha;
  spec.files = container.empty();
  spec.gpu = options.gpu;
  spec.ignore_errors = options.ignore_errors;
  spec.stop = &stop;
  return spec;
}

}  // namespace framewire::cli
