#include "relay/fanout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "relay/messages.h"
#include "relay/ws_frame.h"

namespace framewire::relay {
namespace {

using Place = Viewer::Place;

// What one viewer may be sent in one turn while it catches up, so that the others get theirs.
constexpr std::size_t kCatchUpBytes = 1u << 20;
// Texts that a viewer may be owed; more are dropped: the next ones of ours say the same anew, those
// of the side channel, which leave room for ours, are lost to it.
constexpr std::size_t kOwedBytes = 16u << 10;
// Of max_lag: what an overloaded loop lets a viewer lag, and what it lets parts wait for their
// turn.
constexpr int kOverloadedLagShare = 6;
constexpr int kWaitShare = 12;
constexpr std::size_t kOwedSideBytes = 12u << 10;

// A chunk of an HTTP/1.1 body (RFC 9112, section 7.1): its size in 8 hex digits, CR LF, data, CR
// LF.
constexpr std::size_t kChunkHead = 10;
constexpr std::size_t kChunkTail = 2;

void open_chunk(Buffer& to) {
  to.resize(to.size() + kChunkHead);
}

// at: where open_chunk began.
void close_chunk(Buffer& to, std::size_t at) {
  if (to.size() == at + kChunkHead) {  // an empty chunk would end the body
    to.resize(at);
    return;
  }
  std::array<char, kChunkHead + 1> head{};
  fmt::format_to_n(head.data(), kChunkHead, "{:08x}\r\n", to.size() - at - kChunkHead);
  std::memcpy(to.data() + at, head.data(), kChunkHead);
  framewire::append(to, as_bytes("\r\n"));
}

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

// Parts that wait for long for the flush: the loop carries more than it can.
void Fanout::skip_live(Time now) {
  if (from_ < ring_.begin()) return;
  if (now - given(from_).part->facts().received <= context_.config.max_lag / kWaitShare) return;
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
  for (Place place : {Place::live, Place::starving}) {
    auto& viewers = list(place);
    for (std::size_t i = viewers.size(); i-- > 0;) finish_if_over(*viewers[i]);
  }
}

void Fanout::restart() {
  for (Place place : {Place::live, Place::behind, Place::starving})
    for (Viewer* viewer : list(place)) {
      // The rest of what went before is lost to it; that it ended is not.
      if (end_reason_ && !viewer->told_end) {
        if (viewer->framing == Framing::v1)
          tell(*viewer, end_message(*end_reason_));
        else
          viewer->sink.close(CloseCode::normal, *end_reason_);
      }
      viewer->forget_cursor();
    }
  ring_.clear(0);
  flushed_ = from_ = 0;
  unserved_ = 0;
  end_reason_.reset();
  auto& starving = list(Place::starving);
  while (!starving.empty()) move(*starving.back(), Place::live);
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
  auto& starving = list(Place::starving);
  if (!newest_group() && !end_reason_) return;
  for (std::size_t i = starving.size(); i-- > 0;) catch_up(*starving[i], now);
}

// ---- the viewers' side

void Fanout::attach(Viewer& viewer) {
  viewer.place = Place::joining;
  auto& joining = list(Place::joining);
  viewer.index = joining.size();
  joining.push_back(&viewer);
}

void Fanout::join_all(Time now) {
  auto& joining = list(Place::joining);
  while (!joining.empty()) join(*joining.back(), now);
}

void Fanout::join(Viewer& viewer, Time now) {
  flush(now);
  viewer.progressed = now;
  const auto group = over() ? std::nullopt : newest_group();
  viewer.next = group.value_or(flushed_);
  if (group) viewer.lead_in_until = flushed_ - 1;
  viewer.told_end = over();
  if (!group && !ring_.empty() && !over()) want_group(viewer);
  catch_up(viewer, now);
}

void Fanout::detach(Viewer& viewer) {
  auto& from = list(viewer.place);
  FW_ASSERT(viewer.index < from.size() && from[viewer.index] == &viewer);
  from[viewer.index] = from.back();
  from[viewer.index]->index = viewer.index;
  from.pop_back();
}

void Fanout::on_writeable(Viewer& viewer, Time now) {
  viewer.progressed = now;
  viewer.full = false;
  if (viewer.place != Place::behind) return;
  if (context_.turn_left > 0)
    catch_up(viewer, now);
  else
    viewer.sink.want_writeable();  // in the next turn
}

std::size_t Fanout::viewers() const {
  std::size_t count = 0;
  for (const auto& place : places_) count += place.size();
  return count;
}

void Fanout::move(Viewer& viewer, Place place) {
  if (viewer.place == place) return;
  detach(viewer);
  viewer.place = place;
  viewer.index = list(place).size();
  list(place).push_back(&viewer);
}

// Brings one viewer on from its cursor until its socket is full or it has all there is.
void Fanout::catch_up(Viewer& viewer, Time now) {
  if (viewer.full) {  // it was moved here from another stream
    move(viewer, Place::behind);
    return;
  }
  for (std::size_t sent = 0;;) {
    place_cursor(viewer, now);
    if (viewer.wants_group || viewer.next == flushed_) {
      if (!write_owed(viewer)) return;
      move(viewer, viewer.wants_group ? Place::starving : Place::live);
      finish_if_over(viewer);
      return;
    }
    const Batch batch = gather(viewer);
    if (!write(viewer, batch)) return;
    sent += batch.bytes.size();
    if (sent >= kCatchUpBytes) {
      move(viewer, Place::behind);
      viewer.sink.want_writeable();
      return;
    }
  }
}

// Moves the cursor to a group start if it waits for one, lags, or has fallen out of the ring.
void Fanout::place_cursor(Viewer& viewer, Time now) {
  if (!viewer.wants_group && viewer.next < ring_.begin()) {
    const auto newest = newest_group_ahead(viewer);
    if (newest && viewer.epoch != 0)
      skip_to(viewer, *newest, SkipReason::ring);
    else
      want_group(viewer);  // one that was sent nothing yet has lost nothing: it joins late
  }
  if (viewer.wants_group) {
    const auto first = ring_.group_from(viewer.next);
    if (!first || *first >= flushed_) return;
    viewer.next = *first;
    viewer.wants_group = false;
    return;
  }
  const auto newest = newest_group_ahead(viewer);
  if (newest && *newest > viewer.next &&
      now - given(viewer.next).part->facts().received > max_lag(now))
    skip_to(viewer, *newest, SkipReason::lag);
}

Duration Fanout::max_lag(Time now) const {
  const Duration most = context_.config.max_lag;
  return now < context_.overloaded_until ? most / kOverloadedLagShare : most;
}

void Fanout::skip_to(Viewer& viewer, std::uint64_t sequence, SkipReason reason) {
  tell(viewer, skipped_message(to_string(reason), viewer.next, sequence));
  viewer.next = sequence;
  ++viewer.skips;
  context_.counters.skipped(reason);
}

void Fanout::want_group(Viewer& viewer) {
  viewer.wants_group = true;
  if (!newest_group_ahead(viewer)) tell(viewer, waiting_message("next-group"));
}

// The newest group start that its cursor has not passed.
std::optional<std::uint64_t> Fanout::newest_group_ahead(const Viewer& viewer) const {
  const auto group = newest_group();
  return group && *group >= viewer.next ? group : std::nullopt;
}

void Fanout::finish(Viewer& viewer) {
  if (viewer.told_end) return;
  viewer.told_end = true;
  if (viewer.framing != Framing::v1) {
    viewer.sink.close(CloseCode::normal, *end_reason_);
    return;
  }
  tell(viewer, end_message(*end_reason_));
  write_owed(viewer);
}

bool Fanout::write(Viewer& viewer, const Batch& batch) {
  if (viewer.place == Place::done) return false;
  if (batch.bytes.empty()) {
    viewer.next = batch.next;
    return true;
  }
  FW_ASSERT(!viewer.full);
  charge(batch.bytes.size());
  return account(viewer, batch, viewer.sink.write(batch.bytes));
}

// Moves the cursor past what was sent. False: nothing more is to be written now.
bool Fanout::account(Viewer& viewer, const Batch& batch, Sent sent) {
  FW_ASSERT(batch.next <= flushed_);
  if (sent == Sent::gone) {
    move(viewer, Place::done);
    return false;
  }
  viewer.next = batch.next;
  viewer.sent_bytes += batch.bytes.size();
  viewer.sent_parts += batch.parts;
  if (viewer.audience) {
    context_.counters.sent_bytes += batch.bytes.size();
    context_.counters.sent_parts += batch.parts;
  }
  if (sent == Sent::all) return true;
  viewer.full = true;
  viewer.unsent = viewer.sink.unsent_bytes();
  move(viewer, Place::behind);
  return false;
}

// Texts go out alone when no part is due. False if the viewer can't take more.
bool Fanout::write_owed(Viewer& viewer) {
  if (viewer.owed.empty()) return true;
  const Buffer owed = std::exchange(viewer.owed, {});
  return write(viewer, {owed, viewer.next, 0});
}

void Fanout::tell(Viewer& viewer, std::string_view json, TextKind kind) {
  if (viewer.framing != Framing::v1) return;
  const bool side = kind == TextKind::side;
  if (viewer.owed.size() + json.size() < (side ? kOwedSideBytes : kOwedBytes))
    append_text_frame(viewer.owed, json);
  else if (side)
    context_.counters.said(TextFate::dropped);
}

void Fanout::tell(std::string_view json, TextKind kind) {
  for (Place place : {Place::behind, Place::starving, Place::live}) {
    auto& viewers = list(place);
    for (std::size_t i = viewers.size(); i-- > 0;) {
      Viewer& viewer = *viewers[i];
      tell(viewer, json, kind);
      if (place != Place::behind) write_owed(viewer);
    }
  }
}

// What one viewer gets next: texts owed, the epoch's init where one begins, parts up to
// write_bytes.
Fanout::Batch Fanout::gather(Viewer& viewer) {
  const auto is_lead_in = [&](std::uint64_t s) {
    return viewer.framing == Framing::v1 && s < viewer.lead_in_until;
  };
  const RingEntry& first = given(viewer.next);
  const bool chunked = viewer.framing == Framing::chunked;
  if (!chunked && viewer.owed.empty() && viewer.epoch == first.epoch->number &&
      !first.part->facts().init && !is_lead_in(viewer.next) &&
      (viewer.next + 1 == flushed_ || first.part->size() >= context_.config.write_bytes))
    return {first.part->framed(viewer.framing), viewer.next + 1, 1};

  Buffer& to = context_.gather;
  to = std::exchange(viewer.owed, {});
  if (chunked) open_chunk(to);
  std::uint64_t s = viewer.next;
  std::uint32_t parts = 0;
  do {
    const RingEntry& entry = given(s);
    const PartFacts& facts = entry.part->facts();
    const bool had_init = viewer.epoch != 0;
    if (viewer.epoch != entry.epoch->number) {
      viewer.owed.clear();
      announce_epoch(viewer, entry);
      framewire::append(to, std::exchange(viewer.owed, {}));
    }
    // Who read the bare bytes up to here has the config already.
    if (!(facts.joiners_only && had_init && viewer.framing != Framing::v1)) {
      const std::size_t at = to.size();
      framewire::append(to, entry.part->framed(viewer.framing));
      if (is_lead_in(s)) to[at + entry.part->v1_flags_at()] |= kV1LeadIn;
      ++parts;
    }
    ++s;
  } while (s < flushed_ && to.size() + given(s).part->size() <= context_.config.write_bytes);
  if (chunked) close_chunk(to, 0);
  return {to, s, parts};
}

// Adds the `stream` text and, unless the entry is the init itself, the epoch's init to what is
// owed.
void Fanout::announce_epoch(Viewer& viewer, const RingEntry& entry) {
  viewer.epoch = entry.epoch->number;
  viewer.sink.on_epoch(*entry.epoch);
  tell(viewer, stream_message(stream_, rendition_, *entry.epoch,
                              std::max(viewer.lead_in_until, entry.part->facts().sequence)));
  if (!entry.part->facts().init && entry.epoch->init)
    framewire::append(viewer.owed, entry.epoch->init->framed(viewer.framing));
}

void Fanout::tick(Time now) {
  ring_.expire(now);
  auto& behind = list(Place::behind);
  for (std::size_t i = behind.size(); i-- > 0;) {
    Viewer& viewer = *behind[i];
    const std::size_t unsent = viewer.sink.unsent_bytes();
    if (unsent != viewer.unsent) {
      viewer.unsent = unsent;
      viewer.progressed = now;
    } else if (now - viewer.progressed > context_.config.stall_timeout) {
      viewer.sink.close(CloseCode::try_later, "too-slow");
      move(viewer, Place::done);
    }
  }
}

void Fanout::close_all(CloseCode code, std::string_view code_name) {
  for (Viewer* viewer : all()) viewer->sink.close(code, code_name);
}

std::vector<Viewer*> Fanout::all() const {
  std::vector<Viewer*> out;
  for (const auto& viewers : places_) out.insert(out.end(), viewers.begin(), viewers.end());
  return out;
}

}  // namespace framewire::relay
