#include "tools/render/preview_film.h"

#include <utility>

#include "ingest/base/try.h"

namespace framewire::cli {

Rendered<FilmPlan> PreviewFilm::open() {
  page_.reset();
  kept_.clear();
  order_.clear();
  bytes_ = next_ = 0;
  ASSIGN_OR_RETURN(const PageSpec spec, page_spec_of(options_, stop_));
  ASSIGN_OR_RETURN(auto page, FilmPage::open(spec));
  ASSIGN_OR_RETURN(plan_, plan_of(options_, page->facts()));
  page_ = std::move(page);
  return plan_;
}

Rendered<const FilmPicture*> PreviewFilm::picture(std::uint64_t frame,
                                                  std::chrono::milliseconds time) {
  if (const auto found = kept_.find(frame); found != kept_.end()) return &found->second;
  if (!page_ || frame < next_) {
    page_.reset();
    next_ = 0;
    ASSIGN_OR_RETURN(const PageSpec spec, page_spec_of(options_, stop_));
    ASSIGN_OR_RETURN(page_, FilmPage::open(spec));
  }
  if (auto brought = bring_to(frame, time); !brought) {
    page_.reset();
    return tl::make_unexpected(brought.error());
  }
  if (next_ <= frame) return nullptr;
  auto picture = page_->take();
  if (!picture) {
    page_.reset();
    return tl::make_unexpected(picture.error());
  }
  return keep(frame, *std::move(picture));
}

Rendered<void> PreviewFilm::bring_to(std::uint64_t frame, std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  do {
    RETURN_IF_ERROR(page_->step(next_, next_ == frame));
    ++next_;
  } while (next_ <= frame && std::chrono::steady_clock::now() < until);
  return {};
}

const FilmPicture* PreviewFilm::keep(std::uint64_t frame, FilmPicture picture) {
  bytes_ += picture.bytes.size();
  order_.push_back(frame);
  const auto kept = kept_.emplace(frame, std::move(picture)).first;
  while (bytes_ > kMostBytes && order_.size() > 1) {
    const auto oldest = kept_.find(order_.front());
    bytes_ -= oldest->second.bytes.size();
    kept_.erase(oldest);
    order_.pop_front();
  }
  return &kept->second;
}

}  // namespace framewire::cli
