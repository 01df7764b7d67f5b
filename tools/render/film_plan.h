// What is made of a page: how many frames, of what size; and how the page is to be opened.
// Thread: any. Errors: kExitUsage, nobody says how long the film is, or its
// container takes none so long, or so quick; kExitNotFound, a file or a
// browser that is not there.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>

#include "codec/render.h"
#include "tools/render/film_page.h"
#include "tools/render/render_options.h"

namespace framewire::cli {

struct FilmPlan {
  std::uint64_t frames = 0;
  double fps = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  double seconds() const { return static_cast<double>(frames) / fps; }
};
std::string in_words(const FilmPlan& plan);

// For the child that makes it; container "" = pictures, a file each. Of a plan that is not known
// yet sizes, rate and frames are 0.
codec::RenderSpec film_spec_of(const RenderOptions& options, const FilmPlan& plan);

// facts: of the page, once it is there.
Rendered<FilmPlan> plan_of(const RenderOptions& options, const PageFacts& facts);
// Reads the page's files, and finds the browser. stop: outlives what is opened by it.
Rendered<PageSpec> page_spec_of(const RenderOptions& options, const std::atomic<bool>& stop);

}  // namespace framewire::cli
