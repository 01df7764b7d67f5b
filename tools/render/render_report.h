// What a render tells while it runs, and at its end: a line that people see on a terminal; or, with
// --progress json, JSON objects on stderr, each on a line of its own, and nothing else of ours
// there (docs/films.md, "For programs").
// Thread: one, but for say_of_page().
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

#include "tools/base/progress_line.h"
#include "tools/render/film_plan.h"
#include "tools/render/render_options.h"

namespace framewire::cli {

class RenderReport {
 public:
  explicit RenderReport(const RenderOptions& options);
  // The page is there, and the film is begun.
  void begin(const FilmPlan& plan);
  void made(std::uint64_t frames);
  void done(std::uint64_t bytes);
  void failed(const RenderFailure& failure);

 private:
  using Clock = std::chrono::steady_clock;
  double seconds() const;

  const RenderOptions& options_;
  const bool json_;
  ProgressLine line_;
  FilmPlan plan_;
  Clock::time_point begun_ = Clock::now();
  Clock::time_point shown_at_ = begun_;
};

// What the page says, as a line of its own; a bounded number of them. Any thread, but that json is
// chosen before the first.
void say_of_page(const std::string& line);
void say_of_page_in_json();

}  // namespace framewire::cli
