// A stream as one loop sees it: both renditions' rings with the viewers that this loop serves. The
// loop that is the stream's home has one too; other loops have one only while they have viewers.
// Thread: its loop's.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "relay/base/summary.h"
#include "relay/fanout/fanout.h"
#include "relay/fanout/stream_event.h"
#include "relay/fanout/subscription.h"

namespace framewire::relay {

// A local stream, as the other loops name it. A loop that drops its local stream and makes another
// one gives that a number of its own: what was sent to the first finds nobody.
struct LocalStreamId {
  unsigned loop = 0;
  std::uint64_t number = 0;
  bool operator==(const LocalStreamId&) const = default;
};

// Who reads a stream on one loop.
struct Attendance {
  std::size_t viewers = 0;  // the audience
  std::size_t all = 0;      // and what of the server reads it
  bool operator==(const Attendance&) const = default;
};

class LocalStream {
 public:
  // id: its loop gives no other local stream this number.
  LocalStream(FanoutContext& context, std::string stream, LocalStreamId id);
  ~LocalStream();
  LocalStream(const LocalStream&) = delete;
  LocalStream& operator=(const LocalStream&) = delete;

  // From the stream's home.
  // A stream begins: rings empty, viewers wait for its first part.
  void open(unsigned home);
  // Does what the event says. Before a change of state and before the end, what is there is handed
  // on as far as this turn allows.
  void apply(const StreamEvent& event, Time now);
  // One part; the home's own local stream gets them one by one. False: the group outgrew the ring
  // (see Ring::append).
  bool append(const RenditionEntry& entry);
  // The directory knows no such stream. Ignored while live or lingering: the answer may be old.
  void nobody(Time now);

  // From the loop.
  void attach(Viewer& viewer, Time now);
  void detach(Viewer& viewer);
  // Of the stream as it was published.
  void attach(Subscription& subscription);
  void detach(Subscription& subscription) { subscriptions_.remove(subscription); }
  // All that wait to hear whether there is a stream.
  void join_all(Time now);
  // False: not all could be handed on in this turn.
  bool flush(Time now);
  // The hub has removed this local stream from FanoutContext::unflushed.
  void taken() { wants_flush_ = false; }
  void want_flush();
  void tick(Time now);

  Fanout& fanout(Rendition rendition) { return rendition == Rendition::origin ? origin_ : webm_; }
  const Fanout& fanout(Rendition rendition) const {
    return rendition == Rendition::origin ? origin_ : webm_;
  }
  Snapshot snapshot() const;
  std::size_t attached() const { return connected() + subscriptions_.all().size(); }
  std::size_t viewers() const {
    const auto here = static_cast<std::ptrdiff_t>(connected() - internal_subscribers_);
    return static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, here + linked_viewers_)) +
           proxied_viewers_;
  }  // the audience
  // Sets how many people watch through a part of the server that reads here (HLS). One count per
  // local stream: a second caller overwrites it.
  void set_proxied_viewers(std::size_t count) { proxied_viewers_ = count; }
  // Of viewers that are other servers: so many more watch there.
  void add_linked_viewers(std::ptrdiff_t more) { linked_viewers_ += more; }
  std::size_t ring_bytes() const { return origin_.ring().bytes() + webm_.ring().bytes(); }
  const std::string& stream() const { return stream_; }
  LocalStreamId id() const { return id_; }
  StreamState state() const { return state_; }
  std::optional<unsigned> home() const { return home_; }

  // What was said in the side channel, the newest --chat-history texts.
  const std::deque<std::string>& history() const { return history_; }
  void trim_history();

  Attendance attendance() const { return {viewers(), attached()}; }
  Attendance reported;  // what the home was last told

 private:
  void load(const Snapshot& snapshot, Time now);
  void set_state(const StateChanged& change, Time now);
  void send_text(const TextSaid& text);
  void send_history(Viewer& viewer);
  void refuse(const ViewersRefused& refusal);
  void end(const StreamEnded& ending, Time now);
  std::size_t connected() const { return origin_.viewers() + webm_.viewers(); }
  void admit(Viewer& viewer, Time now);
  void admit(Subscription& subscription);
  std::string pause_message(const Fanout& of) const;
  void turn_away(Viewer& viewer);
  bool refuses(Rendition rendition) const;

  FanoutContext& context_;
  const std::string stream_;
  const LocalStreamId id_;
  Fanout origin_;
  Fanout webm_;
  Subscriptions subscriptions_{origin_.ring()};
  StreamState state_ = StreamState::unknown;
  std::string waiting_reason_ = "no-publisher";
  std::optional<unsigned> home_;
  std::deque<std::string> history_;
  std::size_t internal_subscribers_ = 0;  // viewers that are part of the server
  std::size_t proxied_viewers_ = 0;
  std::ptrdiff_t linked_viewers_ = 0;
  bool wants_flush_ = false;  // it is in context_.unflushed
};

}  // namespace framewire::relay
