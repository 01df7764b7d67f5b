// framewire render: pages side by side, each of them shows every Nth frame and runs through the
// others, so that the film is joined frame by frame and no queue grows.
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <future>
#include <memory>
#include <sstream>
#include <thread>
#include <vector>

#include "ingest/base/try.h"
#include "tools/base/http_transfer.h"
#include "tools/render/film_page.h"
#include "tools/render/film_plan.h"
#include "tools/render/film_writer.h"
#include "tools/render/isolation.h"
#include "tools/render/page_url.h"
#include "tools/render/picture_queue.h"
#include "tools/render/preview_server.h"
#include "tools/render/render_options.h"
#include "tools/render/render_report.h"

namespace framewire::cli {
namespace {

// A server that makes films does not outlive its own end by them.
void end_with_parent() {
  const char* const parent = std::getenv("FRAMEWIRE_RENDER_PARENT");
  if (!parent) return;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (std::to_string(::getppid()) != parent) std::raise(SIGTERM);
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

class Render {
 public:
  Render(const RenderOptions& options, RenderReport& report) : options_(options), report_(report) {}

  Rendered<void> run() {
    ASSIGN_OR_RETURN(const PageSpec spec, page_spec_of(options_, stop_));
    chromium_ = spec.chromium;
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
    report_.begin(plan);
    for (std::uint64_t frame = 0; frame < plan.frames; ++frame) {
      ASSIGN_OR_RETURN(const auto picture, slices[frame % slices.size()]->queue().take());
      RETURN_IF_ERROR(writer.add(picture));
      report_.made(frame + 1);
    }
    ASSIGN_OR_RETURN(const std::uint64_t bytes, writer.finish());
    report_.done(bytes);
    return {};
  }

  FilmTarget target_of(const FilmPlan& plan) const {
    FilmTarget target;
    target.film = film_spec_of(options_, plan);
    target.out = options_.out;
    target.audio = options_.audio;
    target.hashes = options_.hashes;
    target.force = options_.force;
    return target;
  }

  const RenderOptions& options_;
  RenderReport& report_;
  std::string chromium_;
  std::atomic<bool> stop_{false};
};

}  // namespace

int render_command(const RenderOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);
  end_with_parent();
  const Interrupt interrupt;
  RenderReport report{options};
  const auto made = options.preview ? preview(options) : Render{options, report}.run();
  if (made) return kExitDone;
  report.failed(made.error());
  return made.error().code;
}

}  // namespace framewire::cli
