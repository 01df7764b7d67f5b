// framewire render: pages side by side, each of them shows every Nth frame and runs through the
// others, so that the film is joined frame by frame and no queue grows.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <sstream>
#include <string_view>
#include <thread>
#include <vector>

#include "ingest/base/try.h"
#include "tools/base/http_transfer.h"
#include "tools/base/progress_line.h"
#include "tools/render/film_page.h"
#include "tools/render/film_writer.h"
#include "tools/render/page_url.h"
#include "tools/render/picture_queue.h"
#include "tools/render/render_options.h"

namespace framewire::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kProgressEvery{500};
constexpr int kDeepestProps = 500;

struct FilmPlan {
  std::uint64_t frames = 0;
  double fps = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  double seconds() const { return static_cast<double>(frames) / fps; }
};

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
  return plan;
}

Rendered<nlohmann::json> read_props(const std::string& path) {
  if (path.empty()) return nlohmann::json::object();
  std::ifstream file{path};
  if (!file) return no_film(fmt::format("--props: {} cannot be read", path), kExitNotFound);
  std::stringstream text;
  text << file.rdbuf();
  bool deep = false;
  const auto shallow = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    deep = deep || depth > kDeepestProps;
    return !deep;
  };
  try {
    nlohmann::json props = nlohmann::json::parse(text.str(), shallow);
    if (deep)
      return no_film(
          fmt::format("--props: {}: more than {} levels within one another", path, kDeepestProps),
          kExitUsage);
    return props;
  } catch (const nlohmann::json::parse_error& error) {
    return no_film(fmt::format("--props: {}: {}", path, error.what()), kExitUsage);
  }
}

// A page on a thread of its own, from frame 0 to the last; every `of`th is its.
class Slice {
 public:
  Slice(PageSpec spec, std::uint64_t first, std::uint64_t of,
        std::shared_future<std::uint64_t> frames)
      : spec_(std::move(spec)), first_(first), of_(of), frames_(std::move(frames)) {
    thread_ = std::thread{[this] { run(); }};
  }
  ~Slice() {
    queue_.close();
    thread_.join();
  }
  Slice(const Slice&) = delete;
  Slice& operator=(const Slice&) = delete;

  Rendered<PageFacts> facts() { return facts_.get_future().get(); }
  PictureQueue& queue() { return queue_; }

 private:
  void run() {
    try {
      film();
    } catch (const nlohmann::json::exception& error) {
      fail(RenderFailure{fmt::format("Chromium says what is not understood: {}", error.what())});
    }
  }
  void fail(const RenderFailure& why) {
    if (!std::exchange(told_, true)) facts_.set_value(tl::make_unexpected(why));
    queue_.put(tl::make_unexpected(why));
  }
  void film() {
    auto page = FilmPage::open(spec_);
    if (!page) return fail(page.error());
    told_ = true;
    facts_.set_value((*page)->facts());
    const std::uint64_t end = behind_last(frames_.get());
    for (std::uint64_t frame = 0; frame < end; ++frame) {
      const bool ours = frame % of_ == first_;
      if (auto stepped = (*page)->step(frame, ours); !stepped)
        return fail(of_frame(frame, std::move(stepped.error())));
      if (!ours) continue;
      auto picture = (*page)->take();
      if (!picture) picture = tl::make_unexpected(of_frame(frame, std::move(picture.error())));
      const bool good = picture.has_value();
      if (!queue_.put(std::move(picture)) || !good) return;
    }
  }
  // Nothing of the film is this page's from there on.
  std::uint64_t behind_last(std::uint64_t frames) const {
    return frames <= first_ ? 0 : (frames - 1 - first_) / of_ * of_ + first_ + 1;
  }
  static RenderFailure of_frame(std::uint64_t frame, RenderFailure failure) {
    failure.what = fmt::format("frame {}: {}", frame, failure.what);
    return failure;
  }

  const PageSpec spec_;
  const std::uint64_t first_;
  const std::uint64_t of_;
  std::shared_future<std::uint64_t> frames_;
  std::promise<Rendered<PageFacts>> facts_;
  bool told_ = false;  // facts_ is set
  PictureQueue queue_;
  std::thread thread_;
};

std::string clock_time(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(std::max(seconds, 0.0)));
  if (whole >= 3600)
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

class Progress {
 public:
  Progress(const RenderOptions& options, const FilmPlan& plan)
      : plan_(plan), line_(options.out, options.quiet) {}
  void show(std::uint64_t made) {
    const auto now = Clock::now();
    if (now - shown_at_ < kProgressEvery) return;
    shown_at_ = now;
    const double rate = static_cast<double>(made) / seconds();
    line_.show_waiting(fmt::format("frame {} of {}, {:.1f} frames/s, {} left", made, plan_.frames,
                                   rate,
                                   clock_time(static_cast<double>(plan_.frames - made) / rate)));
  }
  double seconds() const {
    return std::max(std::chrono::duration<double>(Clock::now() - begun_).count(), 1e-6);
  }

 private:
  const FilmPlan plan_;
  ProgressLine line_;
  const Clock::time_point begun_ = Clock::now();
  Clock::time_point shown_at_ = begun_;
};

std::string in_words(const FilmPlan& plan) {
  return fmt::format("{} frames, {}x{}, {:g} frames/s, {:.3f} s", plan.frames, plan.width,
                     plan.height, plan.fps, plan.seconds());
}

class Render {
 public:
  explicit Render(const RenderOptions& options) : options_(options) {}

  Rendered<void> run() {
    ASSIGN_OR_RETURN(const PageSpec spec, page_spec());
    std::promise<std::uint64_t> frames;
    const std::shared_future<std::uint64_t> told = frames.get_future().share();
    std::vector<std::unique_ptr<Slice>> slices;
    const std::uint32_t count = options_.dry_run ? 1 : options_.workers;
    for (std::uint32_t i = 0; i < count; ++i) {
      PageSpec own = spec;
      own.speaks = i == 0;
      slices.push_back(std::make_unique<Slice>(std::move(own), i, count, told));
    }
    auto made = make(slices, frames);
    stop_ = true;
    return made;
  }

 private:
  Rendered<void> make(std::vector<std::unique_ptr<Slice>>& slices,
                      std::promise<std::uint64_t>& frames) {
    auto plan = slices.front()->facts().and_then(
        [this](const PageFacts& facts) { return plan_of(options_, facts); });
    if (!plan || options_.dry_run) {
      frames.set_value(0);
      if (!plan) return tl::make_unexpected(plan.error());
      fmt::print("{}: {}\nChromium: {}\n", options_.out.empty() ? options_.page : options_.out,
                 in_words(*plan), chromium_);
      return {};
    }
    auto writer = FilmWriter::open(target_of(*plan));
    frames.set_value(writer ? plan->frames : 0);
    if (!writer) return tl::make_unexpected(writer.error());
    return make(*plan, slices, **writer);
  }

  Rendered<void> make(const FilmPlan& plan, std::vector<std::unique_ptr<Slice>>& slices,
                      FilmWriter& writer) {
    double seconds = 0;
    {
      Progress progress{options_, plan};
      for (std::uint64_t frame = 0; frame < plan.frames; ++frame) {
        ASSIGN_OR_RETURN(const auto picture, slices[frame % slices.size()]->queue().take());
        RETURN_IF_ERROR(writer.add(picture));
        progress.show(frame + 1);
      }
      seconds = progress.seconds();
    }
    ASSIGN_OR_RETURN(const std::uint64_t bytes, writer.finish());
    if (!options_.quiet)
      fmt::print("{}: {}, {} bytes; made in {:.1f} s, {:.1f} frames/s\n", options_.out,
                 in_words(plan), bytes, seconds, static_cast<double>(plan.frames) / seconds);
    return {};
  }

  Rendered<PageSpec> page_spec() {
    ASSIGN_OR_RETURN(chromium_, find_chromium(options_.chromium));
    PageSpec spec;
    ASSIGN_OR_RETURN(spec.url, url_of_page(options_.page));
    ASSIGN_OR_RETURN(spec.props, read_props(options_.props));
    spec.chromium = chromium_;
    spec.fps = options_.fps.value_or(kUsualRenderFps);
    spec.fps_fixed = options_.fps.has_value();
    spec.width = options_.width;
    spec.height = options_.height;
    spec.scale = options_.scale;
    spec.canvas = options_.canvas;
    spec.date_ms = options_.date_ms;
    spec.seed = options_.seed;
    spec.wait = options_.wait;
    spec.capture = options_.capture;
    spec.alpha = options_.alpha;
    spec.files = container_of_film(options_.out).empty();
    spec.gpu = options_.gpu;
    spec.ignore_errors = options_.ignore_errors;
    spec.stop = &stop_;
    return spec;
  }

  FilmTarget target_of(const FilmPlan& plan) const {
    FilmTarget target;
    target.film.width = plan.width;
    target.film.height = plan.height;
    target.film.fps = plan.fps;
    target.film.frames = plan.frames;
    target.film.container = container_of_film(options_.out);
    target.film.codec = options_.codec;
    target.film.quality = options_.quality;
    target.film.alpha = options_.alpha;
    target.film.sound = !options_.audio.empty();
    target.out = options_.out;
    target.audio = options_.audio;
    target.hashes = options_.hashes;
    target.force = options_.force;
    return target;
  }

  const RenderOptions& options_;
  std::string chromium_;
  std::atomic<bool> stop_{false};
};

}  // namespace

int render_command(const RenderOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);
  const Interrupt interrupt;
  const auto made = Render{options}.run();
  if (made) return kExitDone;
  fmt::print(stderr, "framewire: {}\n", made.error().what);
  return made.error().code;
}

}  // namespace framewire::cli
