// A ring and the viewers that read it, on one loop: late join, straight writes, skips, stalls.
//
// A viewer that has all there is (place live) is handed each new part at once by flush(), the same
// bytes for all. One whose socket is full (behind) goes on from on_writeable(), alone, and skips to
// the newest group when it lags. Nobody holds more than its cursor.
// What a loop writes in one turn is bounded, so that it looks at its sockets in between. When parts
// wait too long for their turn the loop has more to carry than it can: all go on at the newest
// group. Thread: its loop's. Lifetime: viewers are detached before they or the Fanout end.
#pragma once
#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/base/batch_sender.h"
#include "relay/base/config.h"
#include "relay/base/metrics.h"
#include "relay/fanout/ring.h"
#include "relay/fanout/viewer.h"

namespace framewire::relay {

// How long viewers that lag skip sooner, once a loop had more to carry than it can.
inline constexpr Duration kOverloadLasts{1'000};

// What the fan-outs of one loop share.
struct FanoutContext {
  const Config& config;
  LoopCounters& counters;
  Buffer gather;                              // one viewer's catch-up
  std::array<Buffer, kFramings> joined{};     // the parts of one turn, for each Framing
  std::deque<LocalStream*> unflushed{};       // that have parts to hand on, each once
  std::size_t turn_left = config.turn_bytes;  // what may still be written in this turn
  Time overloaded_until{};                    // lagging viewers skip sooner until then
  BatchSender* sender = nullptr;              // nullptr: viewers are written to one by one
  std::vector<SocketSend> sends{};            // of one flush, not yet with the sender
  std::vector<Viewer*> sent_to{};             // whose they are
  // Moves a viewer to the derived stream that has what this one was not published as; false: there
  // is none.
  std::function<bool(Viewer&)> move_to_derived{};
  // Viewers of this stream would have use for a group that begins now, unless the newest one is
  // younger than so.
  std::function<void(const std::string&, Duration)> want_keyframe{};

  // In bytes: a write counts for its bytes and this. The default turn is some 20 ms.
  static constexpr std::size_t kWriteCost = 4u << 10;
};

// What a text is: the protocol's own, or the side channel's, which gives way when room is short.
enum class TextKind : std::uint8_t { control, side };

class Fanout {
 public:
  Fanout(FanoutContext& context, std::string stream, Rendition rendition);

  // The ring's side.
  // False when the unfinished group no longer fits the ring (told once per group).
  bool append(RingEntry entry);
  // Writes the new parts to all viewers that are up to date. False: this turn's budget is spent;
  // call again next turn.
  bool flush(Time now);
  // Nothing more will come: viewers are told once they have read everything.
  void end(std::string_view reason);
  // A new publisher from the start: sequences begin anew, viewers stay.
  void restart();
  const Ring& ring() const { return ring_; }

  // The viewers' side.
  void attach(Viewer& viewer);          // place joining: until join()
  void join(Viewer& viewer, Time now);  // at the newest group, or at what comes next
  void detach(Viewer& viewer);
  void on_writeable(Viewer& viewer, Time now);
  std::size_t viewers() const;

  void join_all(Time now);  // all that still are joining
  std::vector<Viewer*> joining() { return list(Viewer::Place::joining); }
  // Sends a text to every joined framewire.v1 viewer, in order with the parts; to one: before its
  // next part. Drops it where too many are owed already.
  void send_text(std::string_view json, TextKind kind = TextKind::control);
  void send_text(Viewer& viewer, std::string_view json, TextKind kind = TextKind::control);
  // Time-outs and ages; a few times a second.
  void tick(Time now);
  // A copy: viewers may leave the fan-out while the caller iterates, but must not be destroyed.
  std::vector<Viewer*> all() const;

 private:
  struct Batch {
    Bytes bytes;
    std::uint64_t next = 0;  // the cursor after it
    std::uint32_t parts = 0;
  };

  std::vector<Viewer*>& list(Viewer::Place place) {
    return places_[static_cast<std::size_t>(place)];
  }
  void move(Viewer& viewer, Viewer::Place place);
  void catch_up(Viewer& viewer, Time now);
  void place_cursor(Viewer& viewer, Time now);
  bool lags(const Viewer& viewer, Time now) const;
  Duration max_lag(Time now) const;
  void skip_to(Viewer& viewer, std::uint64_t sequence, SkipReason reason);
  void want_group(Viewer& viewer);
  void want_keyframe(Duration older_than) const;
  bool is_stuck(const Viewer& viewer, Time now) const;
  // What viewers may be given: parts below flushed_ that the ring still keeps. The ring may hold
  // newer ones while a flush is unfinished; every read of it goes by these two.
  const RingEntry& given(std::uint64_t sequence) const {
    FW_ASSERT(sequence < flushed_);
    return ring_.at(sequence);
  }
  std::optional<std::uint64_t> newest_group() const { return ring_.newest_group_before(flushed_); }
  std::optional<std::uint64_t> newest_group_ahead(const Viewer& viewer) const;
  // Nothing more will come, and nothing waits for a flush to begin.
  bool over() const { return end_reason_ && flushed_ == ring_.end(); }
  void finish(Viewer& viewer);
  void finish_if_over(Viewer& viewer) {
    if (over() && (viewer.wants_group || viewer.next == flushed_)) finish(viewer);
  }
  bool write(Viewer& viewer, const Batch& batch);
  bool account(Viewer& viewer, const Batch& batch, Sent sent);
  bool enqueue(Viewer& viewer, const Batch& batch);
  void send_queued();
  void charge(std::size_t bytes);
  bool write_owed(Viewer& viewer);
  Batch gather(Viewer& viewer);
  void announce_epoch(Viewer& viewer, const RingEntry& entry);
  bool begin_flush(Time now);
  void skip_live(Time now);
  void serve(Viewer& viewer, bool plain, std::uint32_t epoch, Time now);
  void feed_starving(Time now);
  bool is_plain(std::uint64_t from) const;
  const std::vector<Batch>& batches(Framing framing, std::uint64_t from);

  FanoutContext& context_;
  const std::string stream_;
  const Rendition rendition_;
  Ring ring_;
  std::uint64_t flushed_ = 0;  // live viewers have all parts below, or get them in this flush
  std::uint64_t from_ = 0;     // where the flush began
  bool late_ = false;          // what the last flush began with had waited for long
  std::size_t unserved_ = 0;   // of the live, from the front: not reached yet by this flush
  std::optional<std::string> end_reason_;
  std::array<std::vector<Viewer*>, 5> places_;
  std::array<std::optional<std::vector<Batch>>, kFramings> turn_batches_;
};

}  // namespace framewire::relay
