// Frames of a page, asked for in any order, as the film would have them: the page is brought on to
// one that is ahead, and opened anew for one that is behind, unless its picture is still here.
// Thread: one. Errors: those of FilmPage; the page is opened anew for what is asked next.
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>

#include "tools/render/film_page.h"
#include "tools/render/film_plan.h"

namespace framewire::cli {

class PreviewFilm {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{512} << 20;  // of pictures that are kept

  // stop: outlives it.
  PreviewFilm(const RenderOptions& options, const std::atomic<bool>& stop)
      : options_(options), stop_(stop) {}

  // As the page says now: its files are read anew.
  Rendered<FilmPlan> open();
  // The picture of a frame below plan().frames; null: it is on its way there, and at() says where.
  // Null comes at the first frame that is done after `time`.
  Rendered<const FilmPicture*> picture(std::uint64_t frame, std::chrono::milliseconds time);
  const FilmPlan& plan() const { return plan_; }
  std::uint64_t at() const { return next_; }

 private:
  Rendered<void> bring_to(std::uint64_t frame, std::chrono::milliseconds time);
  const FilmPicture* keep(std::uint64_t frame, FilmPicture picture);

  const RenderOptions& options_;
  const std::atomic<bool>& stop_;
  FilmPlan plan_;
  std::unique_ptr<FilmPage> page_;
  std::uint64_t next_ = 0;  // that the page has not shown yet
  std::map<std::uint64_t, FilmPicture> kept_;
  std::deque<std::uint64_t> order_;  // the oldest first
  std::size_t bytes_ = 0;
};

}  // namespace framewire::cli
