// framewire publish, by framewire.v1 over short POSTs, for proxies that hold a long one back or
// refuse it. A connection that is lost is resumed, and what was not acknowledged is said again.
#include <algorithm>
#include <utility>

#include "tools/media/publication.h"
#include "tools/posts/post_socket.h"
#include "tools/posts/publish_session.h"

namespace framewire::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kByPosts = "posts";
constexpr milliseconds kLookEvery{100};          // for a signal
constexpr std::size_t kMostUnsent = 512u << 10;  // more waits as parts

}  // namespace

class PostsWay {
 public:
  explicit PostsWay(Publication& all)
      : all_(all),
        url_(all.options_.to.url.publish()),
        session_({all.options_.title, all.options_.record}) {}

  int run() {
    TryPause pause;
    while (true) {
      const End end = try_once();
      if (end.exit) return *end.exit;
      if (Interrupt::asked()) return all_.say_done("stopped", kByPosts);
      if (session_.ready()) {
        lost_at_ = steady_clock::now();
        pause.reset();
      }
      session_.disconnected();
      if (!end.lost || steady_clock::now() - lost_at_ >= all_.options_.to.retry)
        return all_.fail_with(all_.tries_.told(end.why), end.code);
      all_.tries_.again(end.why, all_.options_.to.retry);
      if (!pause.wait()) return all_.say_done("stopped", kByPosts);
    }
  }

 private:
  struct End {
    std::optional<int> exit{};  // the end of all; else why this connection is over
    std::string why{};
    bool lost = false;
    ExitCode code = kExitRefused;
  };

  // One connection.
  End try_once() {
    PostSocket socket{url_, all_.options_.to.access};
    begun_ = false;
    while (true) {
      while (const auto frame = socket.next()) session_.take(*frame);
      if (session_.end()) return over(*session_.end());
      if (socket.end()) return over(*socket.end());
      if (session_.begins_anew()) begin_anew();
      NextPart wait{.wait = kLookEvery};
      if (socket.open()) wait = fill(socket);
      if (all_.parts_.error())
        return {.exit = all_.fail_with(all_.parts_.error()->what, kExitFailed)};
      socket.send(session_.said());
      if (too_late()) return {.exit = all_.say_done("stopped", kByPosts)};
      socket.turn(std::min(wait.wait, kLookEvery), wait.readable);
    }
  }

  // Parts into the session, as far as there is room. What to wait for.
  NextPart fill(const PostSocket& socket) {
    const NextPart soon{.wait = kLookEvery};
    while (!finished_) {
      if (Interrupt::asked()) {
        finish();
        break;
      }
      if (!part_) {
        NextPart next = all_.parts_.next();
        all_.show();
        if (next.end) {
          finish();
          break;
        }
        if (!next.part)
          return next.readable ? NextPart{.wait = kLookEvery, .readable = next.readable} : next;
        part_ = std::move(next.part);
      }
      if (!std::exchange(begun_, true)) session_.begin(all_.parts_.format());
      if (session_.ready()) all_.tries_.over();
      if (!session_.wants() || socket.unsent() > kMostUnsent) return soon;
      session_.add(part_->bytes, part_->pts_us);
      all_.line_.add(part_->bytes.size());
      part_.reset();
    }
    if (!std::exchange(begun_, true)) session_.begin(all_.parts_.format());
    return soon;
  }

  void finish() {
    finished_ = true;
    session_.finish();
  }

  void begin_anew() {
    part_.reset();
    finished_ = false;
    all_.parts_.begin_anew();
  }

  // A signal ends the stream in good order, if that does not take too long.
  bool too_late() {
    if (!Interrupt::asked()) return false;
    const auto now = steady_clock::now();
    if (!interrupted_at_) interrupted_at_ = now;
    return now - *interrupted_at_ > kEndWithin;
  }

  End over(const SessionEnd& end) {
    if (end.reason.empty())
      return {.exit = all_.say_done(Interrupt::asked() ? "stopped" : "done", kByPosts)};
    return {.why = end.reason, .lost = end.lost};
  }
  static End over(const PostSocketEnd& end) {
    const ExitCode code = end.status == 404   ? kExitNotFound
                          : end.status >= 300 ? kExitRefused
                                              : kExitConnection;
    return {.why = end.error, .lost = end.lost, .code = code};
  }

  Publication& all_;
  const std::string url_;
  PublishSession session_;
  std::optional<SourcePart> part_;  // the next one
  bool begun_ = false;              // on this connection
  bool finished_ = false;           // nothing follows
  steady_clock::time_point lost_at_ = steady_clock::now();
  std::optional<steady_clock::time_point> interrupted_at_;
};

int Publication::by_posts() {
  return PostsWay{*this}.run();
}

}  // namespace framewire::cli
