// framewire publish, in the body of a POST. A connection that is lost is made anew, and goes on
// with the init segment and the next group.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "tools/media/body_judge.h"
#include "tools/media/publication.h"

namespace framewire::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kTransport = "body";
constexpr milliseconds kAskEvery{250};  // whether it has arrived

std::string parameters_of(const PublishOptions& options) {
  std::string out;
  if (!options.title.empty()) out = "title=" + url_encoded(options.title);
  if (options.record) out += out.empty() ? "record=true" : "&record=true";
  return out;
}

}  // namespace

class BodyWay {
 public:
  explicit BodyWay(Publication& all)
      : all_(all), judging_(all.options_.transport == Transport::by_itself) {}

  std::optional<int> run() {
    steady_clock::time_point since = steady_clock::now();
    TryPause pause;
    const std::string url = all_.options_.to.url.publish(parameters_of(all_.options_));
    while (true) {
      const std::uint64_t before = all_.line_.bytes();
      const TransferEnd end = try_once(url);
      if (all_.parts_.error()) return all_.fail_with(all_.parts_.error()->what, kExitFailed);
      if (Interrupt::asked()) return all_.say_done("stopped", kTransport);
      if (held_) return go_on("nothing of one long request arrives: somebody on the way holds it");
      if (end.interrupted) return all_.say_done("stopped", kTransport);
      if (end.error.empty()) return all_.say_done("done", kTransport);
      if (all_.options_.transport == Transport::by_itself && refused_for_body(end))
        return go_on(fmt::format("one long request is refused on the way ({})", end.status));
      if (all_.line_.bytes() > before + all_.parts_.init_bytes()) {
        since = steady_clock::now();
        pause.reset();
      }
      if (!end.lost || steady_clock::now() - since >= all_.options_.to.retry)
        return all_.fail_with(all_.tries_.told(end.error), end.exit_code());
      all_.tries_.again(end.error, all_.options_.to.retry);
      if (!pause.wait()) return all_.say_done("stopped", kTransport);
      all_.parts_.forget();
      all_.parts_.begin_anew();
    }
  }

 private:
  TransferEnd try_once(const std::string& url) {
    sending_.clear();
    from_ = 0;
    sent_at_.reset();
    whole_ = false;
    all_.news_.forget();
    if (judging_) all_.parts_.keep();
    kept_from_ = all_.line_.bytes();
    return upload(
        url, all_.options_.to.access, [this](std::size_t room) { return next(room); },
        [this] { return look(); });
  }

  // The next bytes of the body. A part may be larger than the room: it goes in pieces. A signal
  // ends the body where a part ends, so that the server takes it for the stream's own end.
  Upload next(std::size_t room) {
    all_.tries_.over();
    while (from_ == sending_.size()) {
      if (Interrupt::asked()) return {.end = true};
      NextPart next = all_.parts_.next();
      all_.show();
      whole_ = next.end;
      if (!next.part) return {.end = next.end, .wait = next.wait, .readable = next.readable};
      sending_ = std::move(next.part->bytes);
      from_ = 0;
    }
    const Bytes piece = Bytes{sending_}.subspan(from_, std::min(room, sending_.size() - from_));
    from_ += piece.size();
    all_.line_.add(piece.size());
    if (!sent_at_) sent_at_ = steady_clock::now();
    return {.bytes = piece};
  }

  // False: nothing arrives. A body that is whole goes through, however late.
  bool look() {
    if (!judging_ || whole_ || !sent_at_) return true;
    const auto sent_for = std::chrono::duration_cast<milliseconds>(steady_clock::now() - *sent_at_);
    switch (judge_body(sent_for, all_.news_.now(kAskEvery))) {
      case BodyFate::unknown:
        return true;
      case BodyFate::arrives:
        judging_ = false;
        all_.parts_.forget();
        return true;
      default:
        held_ = true;
        return false;
    }
  }

  // What was kept is said again; without that, the init segment and the next group.
  std::optional<int> go_on(const std::string& why) {
    all_.line_.say(fmt::format("{}; going on by short ones (transport posts)", why));
    if (judging_) {
      all_.line_.take_back(all_.line_.bytes() - kept_from_);
      all_.parts_.give_again();
    } else {
      all_.parts_.begin_anew();
    }
    return std::nullopt;
  }

  Publication& all_;
  Buffer sending_;
  std::size_t from_ = 0;
  std::uint64_t kept_from_ = 0;  // bytes of the line
  std::optional<steady_clock::time_point> sent_at_;
  bool judging_;
  bool whole_ = false;
  bool held_ = false;
};

std::optional<int> Publication::by_body() {
  return BodyWay{*this}.run();
}

}  // namespace framewire::cli
