// GET /api/v1/events: what happens, as server-sent events. Whoever comes back names the last event
// it had, and gets what it missed, as far as that is kept; `lost` tells that some is not.
// Source: HTML standard, "Server-sent events"; PROTOCOL.md, "Events".
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <utility>
#include <vector>

#include "relay/base/stream_name.h"
#include "relay/server/connection.h"
#include "relay/server/lws_loop.h"
#include "relay/server/session_kinds.h"

namespace framewire::relay {
namespace {

constexpr std::chrono::seconds kSilence{15};
// What comes while a socket is full or what was missed is under way: then it has to come back.
constexpr std::size_t kWaiting = 256u << 10;
constexpr std::size_t kHeadBytes = 200;     // of an event, besides its data
constexpr std::size_t kAtOnce = 64u << 10;  // of what was missed, made ready for the socket

struct Filter {
  std::string stream = "*";
  std::vector<std::string> types;  // none: all

  bool passes(const Event& event) const {
    const bool of_type = types.empty() || event.type == "lost" ||
                         std::find(types.begin(), types.end(), event.type) != types.end();
    return of_type && matches_pattern(stream, event.stream);
  }
};

Result<Filter> read_filter(const Request& request) {
  Filter out;
  if (auto stream = request.argument("stream")) {
    if (!is_stream_pattern(*stream))
      return fail(Errc::bad_text, "\"stream\" is no stream's name, in which * may stand");
    out.stream = *stream == "all" ? "*" : *std::move(stream);
  }
  const std::string types = request.argument("types").value_or("");
  for (std::size_t at = 0; at < types.size();) {
    const std::size_t comma = std::min(types.find(',', at), types.size());
    out.types.push_back(types.substr(at, comma - at));
    if (std::find(kEventTypes.begin(), kEventTypes.end(), out.types.back()) == kEventTypes.end())
      return fail(Errc::bad_text,
                  fmt::format("\"types\": there are {}", fmt::join(kEventTypes, ", ")));
    at = comma + 1;
  }
  return out;
}

// nullopt: from now on.
Result<std::optional<std::uint64_t>> read_last_id(const Request& request) {
  const std::string text = request.last_event_id.empty()
                               ? request.argument("last_event_id").value_or("")
                               : request.last_event_id;
  if (text.empty()) return std::nullopt;
  std::uint64_t id = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (wrong != std::errc{} || end != text.data() + text.size())
    return fail(Errc::bad_text, "Last-Event-ID is none that was given here");
  return id;
}

class EventAnswer final : public Session {
 public:
  EventAnswer(Connection& connection, const Request& request)
      : connection_(connection),
        origin_(request.origin),
        filter_(read_filter(request)),
        last_id_(read_last_id(request)),
        slot_(connection.loop().shared().following, connection.loop().config().max_event_streams) {}
  ~EventAnswer() override {
    if (follower_)
      connection_.hub().bus().to_events(
          [follower = follower_](EventLog& log) { log.unfollow(*follower); });
  }

  void on_open() override {
    if (!slot_.taken())
      return refuse(Refusal::overloaded, "too many follow events (--max-event-streams)");
    if (!filter_) return refuse(Refusal::bad_request, filter_.error().what);
    if (!last_id_) return refuse(Refusal::bad_request, last_id_.error().what);
    begin();
  }
  void on_writeable() override { flush(); }
  void tick(Time now) override {
    if (!begun_ || now - said_ < kSilence || !waiting_.empty() || !missed_.empty()) return;
    say(": still here\n\n");
  }
  std::optional<std::string_view> right_on() const override { return ""; }
  void dismiss(const Dismissal& why) override {
    if (begun_)
      connection_.end();
    else
      refuse(why.refusal, why.message);
  }

 private:
  void refuse(Refusal why, std::string_view message) { connection_.respond(why, message); }

  // Asks loop 0 for what was missed, and for all that comes after it.
  void begin() {
    begun_ = true;
    std::string head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
        "Connection: close\r\nX-Content-Type-Options: nosniff\r\n" +
        std::string{kUnbuffered};
    if (!origin_.empty())
      head += fmt::format("Access-Control-Allow-Origin: {}\r\nVary: Origin\r\n", origin_);
    say(head + "\r\nretry: 2000\n\n");
    follower_ = std::make_shared<std::uint64_t>(0);
    const auto give = [this, bus = connection_.hub().bus(), index = connection_.hub().index(),
                       &loop = connection_.loop(),
                       number = connection_.number()](std::vector<EventPtr> events) {
      bus.to_hub(index, [this, &loop, number, events = std::move(events)](Hub&) {
        const Connection* c = loop.find(number);
        if (c && c->session() == this) this->give(events);
      });
    };
    connection_.hub().bus().to_events(
        [give, filter = *filter_, last_id = *last_id_, follower = follower_](EventLog& log) {
          std::vector<EventPtr> missed;
          if (last_id) {
            EventLog::Since since = log.since(*last_id);
            if (since.lost) {
              Event lost{"lost", "", "{}"};
              lost.id = since.events.empty() ? log.last_id() : since.events.front()->id - 1;
              lost.wall_ms = wall_clock_us() / 1000;
              missed.push_back(std::make_shared<const Event>(std::move(lost)));
            }
            for (EventPtr& event : since.events)
              if (filter.passes(*event)) missed.push_back(std::move(event));
          }
          give(std::move(missed));
          *follower = log.follow([give, filter](const EventPtr& event) {
            if (filter.passes(*event)) give({event});
          });
        });
  }

  // The first ones are what was missed, all of it: as much as is kept may come, as it is taken.
  void give(const std::vector<EventPtr>& events) {
    if (connection_.ending()) return;
    for (const EventPtr& event : events) {
      if (told_) later_bytes_ += event->data.size() + kHeadBytes;
      missed_.push_back(event);
    }
    told_ = true;
    if (later_bytes_ > kWaiting) {
      connection_.kill();  // what it missed is kept, and it comes back
      return;
    }
    if (!full_) flush();
  }

  void say(const std::string& text) {
    said_ = connection_.loop().now();
    waiting_ += text;
    if (!full_) flush();
  }
  // Until the socket takes no more, or all is said.
  void flush() {
    full_ = false;
    do {
      for (; !missed_.empty() && waiting_.size() < kAtOnce; missed_.pop_front()) {
        const Event& event = *missed_.front();
        waiting_ +=
            fmt::format("id: {}\nevent: {}\ndata: {}\n\n", event.id, event.type, event_json(event));
        said_ = connection_.loop().now();
      }
      if (missed_.empty()) later_bytes_ = 0;
      if (waiting_.empty()) return;
      const Sent sent = connection_.write(as_bytes(std::exchange(waiting_, {})));
      if (sent == Sent::gone) return;
      full_ = sent == Sent::kept;
    } while (!full_ && !missed_.empty());
    if (full_) connection_.want_writeable();
  }

  Connection& connection_;
  const std::string origin_;
  const Result<Filter> filter_;
  const Result<std::optional<std::uint64_t>> last_id_;
  CountedSlot slot_;
  std::shared_ptr<std::uint64_t> follower_;  // loop 0 writes and reads it
  std::string waiting_;                      // for the socket, at most kAtOnce and one event
  std::deque<EventPtr> missed_;  // what is kept for it, in order, and what came meanwhile
  std::size_t later_bytes_ = 0;  // of what came meanwhile
  bool told_ = false;            // what it missed has come
  Time said_{};
  bool begun_ = false;
  bool full_ = false;
};

}  // namespace

std::unique_ptr<Session> make_event_answer(Connection& connection, const Admission&,
                                           const Request& request) {
  return std::make_unique<EventAnswer>(connection, request);
}

}  // namespace framewire::relay
