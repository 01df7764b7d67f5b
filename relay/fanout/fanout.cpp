#include "relay/fanout/fanout.h"

#include <algorithm>
#include <utility>

#include "relay/fanout/http_chunk.h"
#include "relay/fanout/messages.h"

namespace framewire::relay {
namespace {

using Place = Viewer::Place;

// Of max_lag: what an overloaded loop lets parts wait for their turn.
constexpr int kWaitShare = 12;

}  // namespace

Fanout::Fanout(FanoutContext& context, std::string stream, Rendition rendition)
    : context_(context),
      stream_(std::move(stream)),
      rendition_(rendition),
      ring_({context.config.ring_bytes, context.config.ring_age}) {}

// ---- the ring's side

bool Fanout::append(RingEntry entry) {
  return ring_.append(std::move(entry));
}

bool Fanout::flush(Time now) {
  if (unserved_ == 0 && !begin_flush(now)) return true;
  auto& live = list(Place::live);
  const bool plain = is_plain(from_);
  // Not plain: the ring may have moved on past all of it since the flush began.
  const std::uint32_t epoch = plain ? given(flushed_ - 1).epoch->number : 0;
  for (auto& b : turn_batches_) b.reset();
  // From the back: a viewer that leaves the list is replaced by one that was served already.
  for (unserved_ = std::min(unserved_, live.size()); unserved_ > 0 && context_.turn_left > 0;)
    serve(*live[--unserved_], plain, epoch, now);
  send_queued();
  return unserved_ == 0 && flushed_ == ring_.end();
}

// False: there is nothing to do.
bool Fanout::begin_flush(Time now) {
  from_ = flushed_;
  flushed_ = ring_.end();
  if (from_ == flushed_) return false;
  feed_starving(now);
  skip_live(now);
  unserved_ = list(Place::live).size();
  return unserved_ > 0;
}

// Parts that wait for long for one flush after the other: the loop carries more than it can.
void Fanout::skip_live(Time now) {
  if (from_ < ring_.begin()) return;
  const auto waited = now - given(from_).part->facts().received;
  if (waited <= context_.config.max_lag / kWaitShare) {
    late_ = false;
    return;
  }
  // Once is a loop that stood still for a moment: all of it is sent, and nobody loses a picture.
  if (!std::exchange(late_, true)) return;
  const auto group = newest_group();
  if (!group || *group <= from_) return;
  context_.overloaded_until = now + kOverloadLasts;
  for (Viewer* viewer : list(Place::live))
    if (viewer->next == from_) skip_to(*viewer, *group, SkipReason::overload);
  from_ = *group;
}

void Fanout::serve(Viewer& viewer, bool plain, std::uint32_t epoch, Time now) {
  if (viewer.next != from_) return;  // joined within this flush
  if (!plain || viewer.epoch != epoch) {
    catch_up(viewer, now);
    return;
  }
  if (!write_owed(viewer)) return;
  const auto& all = batches(viewer.framing, from_);
  if (all.size() == 1 && enqueue(viewer, all.front())) return;
  for (const Batch& batch : all)
    if (!write(viewer, batch)) return;
  finish_if_over(viewer);
}

// For send_queued(). False: it is to be written to by itself.
bool Fanout::enqueue(Viewer& viewer, const Batch& batch) {
  if (!context_.sender || list(Place::live).size() < BatchSender::kWorthwhile) return false;
  if (batch.bytes.empty()) return false;
  FW_ASSERT(!viewer.full);
  SocketSend ready;
  if (!viewer.sink.make_ready(batch.bytes, ready)) {
    if (context_.sends.empty()) return false;
    send_queued();
    if (!viewer.sink.make_ready(batch.bytes, ready)) return false;
  }
  charge(batch.bytes.size());
  context_.sends.push_back(ready);
  context_.sent_to.push_back(&viewer);
  if (context_.sends.size() == BatchSender::kMost) send_queued();
  return true;
}

void Fanout::send_queued() {
  if (context_.sends.empty()) return;
  context_.sender->send(context_.sends);
  for (std::size_t i = 0; i < context_.sends.size(); ++i) {
    Viewer& viewer = *context_.sent_to[i];
    const Batch& batch = turn_batches_[static_cast<std::size_t>(viewer.framing)]->front();
    if (account(viewer, batch, viewer.sink.sent(batch.bytes, context_.sends[i].result)))
      finish_if_over(viewer);
  }
  context_.sends.clear();
  context_.sent_to.clear();
}

// What one turn may still write.
void Fanout::charge(std::size_t bytes) {
  context_.turn_left -= std::min(context_.turn_left, bytes + context_.kWriteCost);
}

void Fanout::end(std::string_view reason) {
  end_reason_ = std::string{reason};
  // Whoever is still to get something is told by the flushes to come. From the back: a viewer that
  // leaves its list is replaced by one that was told.
  for (Place place : {Place::live, Place::awaiting_group}) {
    auto& viewers = list(place);
    for (std::size_t i = viewers.size(); i-- > 0;) finish_if_over(*viewers[i]);
  }
}

void Fanout::restart() {
  for (Place place : {Place::live, Place::behind, Place::awaiting_group})
    for (Viewer* viewer : list(place)) {
      // The rest of what went before is lost to it; that it ended is not.
      if (end_reason_ && !viewer->told_end) {
        if (viewer->framing == Framing::v1)
          send_text(*viewer, end_message(*end_reason_));
        else
          viewer->sink.close(CloseCode::normal, *end_reason_);
      }
      viewer->forget_cursor();
    }
  ring_.clear(0);
  flushed_ = from_ = 0;
  late_ = false;
  unserved_ = 0;
  end_reason_.reset();
  auto& awaiting_group = list(Place::awaiting_group);
  while (!awaiting_group.empty()) move(*awaiting_group.back(), Place::live);
}

// True if [from, flushed_) holds nothing but media of the epoch that went before: bytes that are
// the same for every viewer.
bool Fanout::is_plain(std::uint64_t from) const {
  if (from <= ring_.begin()) return false;
  const Epoch* epoch = given(from - 1).epoch.get();
  for (std::uint64_t s = from; s < flushed_; ++s)
    if (given(s).part->facts().init || given(s).epoch.get() != epoch) return false;
  return true;
}

// The turn's parts, joined up to write_bytes each; one part alone is not copied, unless into a
// chunk.
const std::vector<Fanout::Batch>& Fanout::batches(Framing framing, std::uint64_t from) {
  const auto index = static_cast<std::size_t>(framing);
  auto& made = turn_batches_[index];
  if (made) return *made;
  made.emplace();

  const auto bytes_of = [&](std::uint64_t s) { return given(s).part->framed(framing); };
  std::size_t total = 0;
  for (std::uint64_t s = from; s < flushed_; ++s)
    total += bytes_of(s).size() + kChunkHead + kChunkTail;
  Buffer& joined = context_.joined[index];
  joined.clear();
  joined.reserve(total);  // so that views into it stay good

  for (std::uint64_t s = from; s < flushed_;) {
    const std::uint64_t first = s;
    std::size_t size = 0;
    do {
      size += bytes_of(s++).size();
    } while (s < flushed_ && size + bytes_of(s).size() <= context_.config.write_bytes);
    const auto parts = static_cast<std::uint32_t>(s - first);
    if (parts == 1 && framing != Framing::chunked) {
      made->push_back({bytes_of(first), s, 1});
      continue;
    }
    const std::size_t at = joined.size();
    if (framing == Framing::chunked) open_chunk(joined);
    for (std::uint64_t p = first; p < s; ++p) framewire::append(joined, bytes_of(p));
    if (framing == Framing::chunked) close_chunk(joined, at);
    made->push_back({Bytes{joined}.subspan(at), s, parts});
  }
  return *made;
}

void Fanout::feed_starving(Time now) {
  auto& awaiting_group = list(Place::awaiting_group);
  if (!newest_group() && !end_reason_) return;
  for (std::size_t i = awaiting_group.size(); i-- > 0;) catch_up(*awaiting_group[i], now);
}

}  // namespace framewire::relay
