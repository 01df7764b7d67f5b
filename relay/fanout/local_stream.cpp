#include "relay/fanout/local_stream.h"

#include <algorithm>
#include <utility>

#include "relay/base/overloaded.h"
#include "relay/fanout/messages.h"

namespace framewire::relay {

LocalStream::LocalStream(FanoutContext& context, std::string stream, LocalStreamId id)
    : context_(context),
      stream_(std::move(stream)),
      id_(id),
      origin_(context, stream_, Rendition::origin),
      webm_(context, stream_, Rendition::webm) {}

LocalStream::~LocalStream() {
  std::erase(context_.unflushed, this);
}

void LocalStream::open(unsigned home) {
  home_ = home;
  origin_.restart();
  webm_.restart();
  subscriptions_.restart();
  history_.clear();
  state_ = StreamState::live;
}

void LocalStream::apply(const StreamEvent& event, Time now) {
  std::visit(Overloaded{[&](const std::shared_ptr<const Snapshot>& all) { load(*all, now); },
                        [&](const PartsCut& cut) {
                          for (const RenditionEntry& entry : cut.parts->entries()) append(entry);
                        },
                        [&](const StateChanged& change) { set_state(change, now); },
                        [&](const TextSaid& text) { send_text(text); },
                        [&](const HistoryCleared&) { history_.clear(); },
                        [&](const ViewersRefused& refusal) { refuse(refusal); },
                        [&](const StreamEnded& ending) { end(ending, now); }},
             event);
}

void LocalStream::load(const Snapshot& snapshot, Time now) {
  open(snapshot.home);
  reported = {};  // the stream knows nothing of those who watch here
  state_ = snapshot.state;
  waiting_reason_ = snapshot.waiting_reason;
  for (const RenditionEntry& entry : snapshot.entries) append(entry);
  flush(now);
  history_.assign(snapshot.history.begin(), snapshot.history.end());
  for (Fanout* fanout : {&origin_, &webm_})
    for (Viewer* viewer : fanout->joining()) send_history(*viewer);
  if (state_ == StreamState::lingering)
    for (Fanout* fanout : {&origin_, &webm_})
      for (Viewer* viewer : fanout->joining()) fanout->send_text(*viewer, pause_message(*fanout));
  join_all(now);
}

void LocalStream::join_all(Time now) {
  origin_.join_all(now);
  webm_.join_all(now);
  for (Subscription* subscription : subscriptions_.all())
    if (subscription->joining) subscriptions_.join(*subscription, false);
}

bool LocalStream::append(const RenditionEntry& entry) {
  const auto& [rendition, part] = entry;
  const bool whole = fanout(rendition).append(part);
  want_flush();
  if (rendition == Rendition::origin && refuses(Rendition::webm) && webm_.viewers() > 0)
    for (Viewer* viewer : webm_.all()) turn_away(*viewer);
  return whole;
}

// A viewer of the webm rendition of what is no Matroska. One that can choose is told, and may ask
// for what was published, which costs nothing, or for another rendition; but no browser plays Ogg
// as it is.
void LocalStream::turn_away(Viewer& viewer) {
  const Ring& ring = origin_.ring();
  const bool ogg = !ring.empty() && ring.at(ring.end() - 1).epoch->info.format == Format::ogg;
  // A body that has begun would get another stream in the middle of its own.
  const bool may_move = viewer.framing == Framing::v1 ? ogg : viewer.sent_parts == 0;
  if (may_move && context_.move_to_derived && context_.move_to_derived(viewer)) return;
  viewer.sink.close(CloseCode::unsupported, "unsupported-format");
}

void LocalStream::want_flush() {
  if (std::exchange(wants_flush_, true)) return;
  context_.unflushed.push_back(this);
}

// The webm rendition is cut from Matroska only; from other origins it is derived (turn_away).
bool LocalStream::refuses(Rendition rendition) const {
  if (rendition == Rendition::origin || origin_.ring().empty()) return false;
  const Ring& ring = origin_.ring();
  return !ring.at(ring.end() - 1).epoch->info.has_webm_rendition;
}

void LocalStream::set_state(const StateChanged& change, Time now) {
  flush(now);
  state_ = change.state;
  if (state_ == StreamState::live) return;
  waiting_reason_ = change.waiting_reason;
  for (Fanout* fanout : {&origin_, &webm_}) fanout->send_text(pause_message(*fanout));
}

// With what was given before: whoever is behind, or joins, is given that yet.
std::string LocalStream::pause_message(const Fanout& of) const {
  const Ring& ring = of.ring();
  const bool has = state_ == StreamState::lingering && !ring.empty();
  return waiting_message(waiting_reason_, has ? &ring.at(ring.end() - 1).part->facts() : nullptr);
}

void LocalStream::end(const StreamEnded& ending, Time now) {
  flush(now);
  state_ = StreamState::no_publisher;
  waiting_reason_ = "no-publisher";
  home_.reset();
  subscriptions_.end(ending.reason);
  origin_.end(ending.reason);
  webm_.end(ending.reason);
}

void LocalStream::refuse(const ViewersRefused& refusal) {
  for (Fanout* fanout : {&origin_, &webm_})
    for (Viewer* viewer : fanout->all()) {
      viewer->refusal = std::make_unique<const std::string>(refusal.why);
      viewer->sink.close(CloseCode::unsupported, "unsupported-format");
    }
  for (Subscription* subscription : subscriptions_.all())
    subscription->subscriber.on_refused(refusal.why);
}

void LocalStream::nobody(Time now) {
  // The answer may be older than a stream that has come, or one that came and went.
  if (state_ == StreamState::live || state_ == StreamState::lingering) return;
  state_ = StreamState::no_publisher;
  for (Fanout* fanout : {&origin_, &webm_})
    for (Viewer* viewer : fanout->joining()) admit(*viewer, now);
  for (Subscription* subscription : subscriptions_.all())
    if (subscription->joining) admit(*subscription);
}

void LocalStream::send_text(const TextSaid& text) {
  origin_.send_text(text.json, text.kind);
  webm_.send_text(text.json, text.kind);
  if (text.kind != TextKind::side) return;
  history_.push_back(text.json);
  trim_history();
}

// To what is kept now: the limit may have changed.
void LocalStream::trim_history() {
  while (history_.size() > context_.config.chat_history) history_.pop_front();
}

void LocalStream::send_history(Viewer& viewer) {
  if (viewer.framing != Framing::v1 || viewer.internal) return;
  trim_history();
  for (const std::string& text : history_)
    fanout(viewer.rendition).send_text(viewer, history_message(text));
}

void LocalStream::attach(Viewer& viewer, Time now) {
  fanout(viewer.rendition).attach(viewer);
  if (viewer.internal) ++internal_subscribers_;
  if (state_ != StreamState::unknown) admit(viewer, now);
}

void LocalStream::detach(Viewer& viewer) {
  fanout(viewer.rendition).detach(viewer);
  if (viewer.internal) --internal_subscribers_;
}

void LocalStream::attach(Subscription& subscription) {
  subscriptions_.add(subscription);
  if (state_ != StreamState::unknown) admit(subscription);
}

void LocalStream::admit(Subscription& subscription) {
  const bool absent = state_ == StreamState::no_publisher;
  if (absent) subscription.subscriber.on_no_stream();
  subscriptions_.join(subscription, absent);
}

void LocalStream::admit(Viewer& viewer, Time now) {
  if (refuses(viewer.rendition) && state_ != StreamState::no_publisher) {
    turn_away(viewer);
    return;
  }
  if (state_ == StreamState::no_publisher) viewer.sink.on_no_stream();
  if (state_ != StreamState::live)
    fanout(viewer.rendition).send_text(viewer, pause_message(fanout(viewer.rendition)));
  if (state_ != StreamState::no_publisher) send_history(viewer);
  fanout(viewer.rendition).join(viewer, now);
}

bool LocalStream::flush(Time now) {
  subscriptions_.give();
  const bool origin = origin_.flush(now);
  return webm_.flush(now) && origin;
}

void LocalStream::tick(Time now) {
  origin_.tick(now);
  webm_.tick(now);
}

Snapshot LocalStream::snapshot() const {
  Snapshot out{home_.value_or(0), state_, waiting_reason_, {}, {history_.begin(), history_.end()}};
  for (const Rendition rendition : {Rendition::origin, Rendition::webm})
    for (RingEntry& entry : fanout(rendition).ring().entries())
      out.entries.emplace_back(rendition, std::move(entry));
  return out;
}

}  // namespace framewire::relay
