// One run of `framewire publish`: what its two ways to the server have in common. They follow one
// another: short requests take over where a body does not get through.
// Thread: one. Lifetime: the options outlive it.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tools/base/progress_line.h"
#include "tools/media/media_options.h"
#include "tools/media/paced_parts.h"
#include "tools/media/stream_news.h"
#include "tools/media/tries.h"

namespace framewire::cli {

class Publication {
 public:
  Publication(const PublishOptions& options, std::unique_ptr<MediaSource> source);

  // In one POST; lost connections are made anew, with the init segment and the next group. nullopt:
  // such a body does not get through, and what was sent of it is given again by parts().
  std::optional<int> by_body();
  // By framewire.v1 over short POSTs: lost connections are resumed, and nothing is left out.
  int by_posts();

 private:
  friend class BodyWay;
  friend class PostsWay;

  // ", 40 %, 12 s left, 3 viewers", as far as it is known.
  std::string progress();
  void show() {
    if (line_.shown()) line_.show(parts_.passed(), progress());
  }
  int say_done(std::string_view how, std::string_view transport);
  int fail_with(const std::string& why, ExitCode code);

  const PublishOptions& options_;
  PacedParts parts_;
  ProgressLine line_;
  StreamNews news_;
  Tries tries_{line_};
};

// Between tries, longer each time. Thread: one.
class TryPause {
 public:
  // Waits. False: a signal came.
  bool wait();
  void reset() { next_ = kFirst; }

 private:
  static constexpr std::chrono::milliseconds kFirst{250};
  static constexpr std::chrono::milliseconds kLongest{4'000};
  std::chrono::milliseconds next_ = kFirst;
};

}  // namespace framewire::cli
