// The viewers' side of a Fanout: joining, catching up, skipping, what they are told.
#include <algorithm>
#include <utility>

#include "ingest/wire/ws_frame.h"
#include "relay/fanout/fanout.h"
#include "relay/fanout/http_chunk.h"
#include "relay/fanout/messages.h"

namespace framewire::relay {
namespace {

using Place = Viewer::Place;

// What one viewer may be sent in one turn while it catches up, so that the others get theirs.
constexpr std::size_t kCatchUpBytes = 1u << 20;
// Texts that may be pending for a viewer; more are dropped: the next ones of ours say the same
// anew, those of the side channel, which leave room for ours, are lost to it.
constexpr std::size_t kOwedBytes = 16u << 10;
constexpr std::size_t kOwedSideBytes = 12u << 10;
// Of max_lag: what an overloaded loop lets a viewer lag.
constexpr int kOverloadedLagShare = 6;

}  // namespace

void Fanout::attach(Viewer& viewer) {
  viewer.place = Place::joining;
  auto& joining = list(Place::joining);
  viewer.index = static_cast<std::uint32_t>(joining.size());
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
  want_keyframe(Duration{0});
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
  viewer.caught_up = viewer.caught_up || place == Place::live;
  detach(viewer);
  viewer.place = place;
  viewer.index = static_cast<std::uint32_t>(list(place).size());
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
      move(viewer, viewer.wants_group ? Place::awaiting_group : Place::live);
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
    if (newest)
      skip_to(viewer, *newest, SkipReason::ring);
    else
      want_group(viewer);
  }
  if (viewer.wants_group) {
    const auto first = ring_.group_from(viewer.next);
    if (!first || *first >= flushed_) return;
    viewer.next = *first;
    viewer.wants_group = false;
    return;
  }
  const auto newest = newest_group_ahead(viewer);
  if (newest && *newest > viewer.next && lags(viewer, now))
    skip_to(viewer, *newest, SkipReason::lag);
}

// What it is given next has waited for longer than may be. A part of the server that has just
// joined is not judged by what was old when it came: what it makes has to begin with that.
bool Fanout::lags(const Viewer& viewer, Time now) const {
  return (!viewer.internal || viewer.caught_up) &&
         now - given(viewer.next).part->facts().received > max_lag(now);
}

Duration Fanout::max_lag(Time now) const {
  const Duration most = context_.config.max_lag;
  return now < context_.overloaded_until ? most / kOverloadedLagShare : most;
}

void Fanout::skip_to(Viewer& viewer, std::uint64_t sequence, SkipReason reason) {
  if (viewer.epoch == 0) {  // one that was sent nothing yet has lost nothing: it joins late
    viewer.next = sequence;
    return;
  }
  send_text(viewer, skipped_message(to_string(reason), viewer.next, sequence));
  viewer.next = sequence;
  ++viewer.skips;
  context_.counters.skipped(reason);
}

void Fanout::want_group(Viewer& viewer) {
  viewer.wants_group = true;
  if (!newest_group_ahead(viewer)) send_text(viewer, waiting_message("next-group"));
}

// The webm rendition's groups are those of the origin, whose publishers are not asked.
void Fanout::want_keyframe(Duration older_than) const {
  if (rendition_ == Rendition::origin && context_.want_keyframe && !ring_.empty() && !over())
    context_.want_keyframe(stream_, older_than);
}

// It lags, and there is no group that it could skip to.
bool Fanout::is_stuck(const Viewer& viewer, Time now) const {
  if (viewer.wants_group) return true;
  return viewer.next >= ring_.begin() && viewer.next < flushed_ && lags(viewer, now) &&
         !newest_group_ahead(viewer);
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
  send_text(viewer, end_message(*end_reason_));
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
  if (!viewer.internal) {
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
  if (viewer.pending_text.empty()) return true;
  const Buffer pending_text = std::exchange(viewer.pending_text, {});
  return write(viewer, {pending_text, viewer.next, 0});
}

void Fanout::send_text(Viewer& viewer, std::string_view json, TextKind kind) {
  if (viewer.framing != Framing::v1) return;
  const bool side = kind == TextKind::side;
  if (viewer.pending_text.size() + json.size() < (side ? kOwedSideBytes : kOwedBytes))
    append_text_frame(viewer.pending_text, json);
  else if (side)
    context_.counters.said(TextFate::dropped);
}

void Fanout::send_text(std::string_view json, TextKind kind) {
  for (Place place : {Place::behind, Place::awaiting_group, Place::live}) {
    auto& viewers = list(place);
    for (std::size_t i = viewers.size(); i-- > 0;) {
      Viewer& viewer = *viewers[i];
      send_text(viewer, json, kind);
      if (place != Place::behind) write_owed(viewer);
    }
  }
}

// What one viewer gets next: pending texts, the epoch's init where one begins, parts up to
// write_bytes.
Fanout::Batch Fanout::gather(Viewer& viewer) {
  const auto is_lead_in = [&](std::uint64_t s) {
    return viewer.framing == Framing::v1 && s < viewer.lead_in_until;
  };
  const RingEntry& first = given(viewer.next);
  const bool chunked = viewer.framing == Framing::chunked;
  if (!chunked && viewer.pending_text.empty() && viewer.epoch == first.epoch->number &&
      !first.part->facts().init && !is_lead_in(viewer.next) &&
      (viewer.next + 1 == flushed_ || first.part->size() >= context_.config.write_bytes))
    return {first.part->framed(viewer.framing), viewer.next + 1, 1};

  Buffer& to = context_.gather;
  to = std::exchange(viewer.pending_text, {});
  if (chunked) open_chunk(to);
  std::uint64_t s = viewer.next;
  std::uint32_t parts = 0;
  do {
    const RingEntry& entry = given(s);
    const PartFacts& facts = entry.part->facts();
    const bool had_init = viewer.epoch != 0;
    if (viewer.epoch != entry.epoch->number) {
      viewer.pending_text.clear();
      announce_epoch(viewer, entry);
      framewire::append(to, std::exchange(viewer.pending_text, {}));
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
// pending.
void Fanout::announce_epoch(Viewer& viewer, const RingEntry& entry) {
  viewer.epoch = entry.epoch->number;
  viewer.sink.on_epoch(*entry.epoch);
  send_text(viewer, stream_message(stream_, rendition_, *entry.epoch,
                                   std::max(viewer.lead_in_until, entry.part->facts().sequence)));
  if (!entry.part->facts().init && entry.epoch->init)
    framewire::append(viewer.pending_text, entry.epoch->init->framed(viewer.framing));
}

void Fanout::tick(Time now) {
  ring_.expire(now);
  auto& behind = list(Place::behind);
  bool stuck = !list(Place::awaiting_group).empty();
  for (std::size_t i = behind.size(); i-- > 0;) {
    Viewer& viewer = *behind[i];
    stuck = stuck || is_stuck(viewer, now);
    const std::size_t unsent = viewer.sink.unsent_bytes();
    if (unsent != viewer.unsent) {
      viewer.unsent = unsent;
      viewer.progressed = now;
    } else if (now - viewer.progressed > context_.config.stall_timeout) {
      viewer.sink.close(CloseCode::try_later, "too-slow");
      move(viewer, Place::done);
    }
  }
  if (stuck) want_keyframe(kOrdinaryGroup);
}

std::vector<Viewer*> Fanout::all() const {
  std::vector<Viewer*> out;
  for (const auto& viewers : places_) out.insert(out.end(), viewers.begin(), viewers.end());
  return out;
}

}  // namespace framewire::relay
