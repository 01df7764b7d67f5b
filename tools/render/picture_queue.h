// Pictures on their way from a page to the film: in order, a few at a time, so that pages that are
// ahead wait for the film. It carries the failure that ends a page, too.
// Thread: any; one puts, one takes.
#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "tools/render/film_page.h"

namespace framewire::cli {

class PictureQueue {
 public:
  static constexpr std::size_t kMost = 3;

  // Waits for room. False: nobody takes any more.
  bool put(Rendered<FilmPicture> picture) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return closed_ || pictures_.size() < kMost; });
    if (closed_) return false;
    pictures_.push_back(std::move(picture));
    changed_.notify_all();
    return true;
  }
  // Waits for one.
  Rendered<FilmPicture> take() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return !pictures_.empty(); });
    Rendered<FilmPicture> out = std::move(pictures_.front());
    pictures_.pop_front();
    changed_.notify_all();
    return out;
  }
  void close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Rendered<FilmPicture>> pictures_;
  bool closed_ = false;
};

}  // namespace framewire::cli
