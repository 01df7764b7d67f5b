#include "relay/mirror.h"

#include <utility>

#include "relay/messages.h"

namespace framewire::relay {

Mirror::Mirror(FanoutContext& context, std::string stream)
    : context_(context),
      stream_(std::move(stream)),
      origin_(context, stream_, Rendition::origin),
      webm_(context, stream_, Rendition::webm) {}

Mirror::~Mirror() {
  std::erase(context_.unflushed, this);
}

void Mirror::open(unsigned home) {
  home_ = home;
  origin_.restart();
  webm_.restart();
  state_ = StreamState::live;
}

void Mirror::load(const Snapshot& snapshot, Time now) {
  open(snapshot.home);
  state_ = snapshot.state;
  for (const RenditionEntry& entry : snapshot.entries) append(entry);
  flush(now);
  origin_.join_all(now);
  webm_.join_all(now);
}

bool Mirror::append(const RenditionEntry& entry) {
  const auto& [rendition, part] = entry;
  const bool whole = fanout(rendition).append(part);
  want_flush();
  if (rendition == Rendition::origin && refuses(Rendition::webm) && webm_.viewers() > 0)
    webm_.close_all(CloseCode::unsupported, "unsupported-format");
  return whole;
}

void Mirror::want_flush() {
  if (std::exchange(wants_flush_, true)) return;
  context_.unflushed.push_back(this);
}

// The webm rendition is made of Matroska only; other origins are watched as published.
bool Mirror::refuses(Rendition rendition) const {
  if (rendition == Rendition::origin || origin_.ring().empty()) return false;
  const Ring& ring = origin_.ring();
  return !ring.at(ring.end() - 1).epoch->info.has_webm_rendition;
}

void Mirror::set_state(StreamState state, std::string_view waiting_reason) {
  state_ = state;
  if (state == StreamState::live) return;
  waiting_reason_ = waiting_reason;
  tell(waiting_message(waiting_reason));
}

void Mirror::end(std::string_view reason) {
  state_ = StreamState::no_publisher;
  waiting_reason_ = "no-publisher";
  home_.reset();
  origin_.end(reason);
  webm_.end(reason);
}

void Mirror::nobody(Time now) {
  if (state_ != StreamState::unknown) return;
  state_ = StreamState::no_publisher;
  for (Fanout* fanout : {&origin_, &webm_}) {
    fanout->for_joining([](Viewer& viewer) { viewer.sink.on_no_stream(); });
    fanout->join_all(now);
  }
  tell(waiting_message(waiting_reason_));
}

void Mirror::tell(std::string_view json, TextKind kind) {
  origin_.tell(json, kind);
  webm_.tell(json, kind);
}

void Mirror::attach(Viewer& viewer, Time now) {
  fanout(viewer.rendition).attach(viewer);
  if (state_ != StreamState::unknown) admit(viewer, now);
}

void Mirror::admit(Viewer& viewer, Time now) {
  if (refuses(viewer.rendition) && state_ != StreamState::no_publisher) {
    viewer.sink.close(CloseCode::unsupported, "unsupported-format");
    return;
  }
  if (state_ == StreamState::no_publisher) viewer.sink.on_no_stream();
  if (state_ != StreamState::live)
    fanout(viewer.rendition).tell(viewer, waiting_message(waiting_reason_));
  fanout(viewer.rendition).join(viewer, now);
}

bool Mirror::flush(Time now) {
  const bool origin = origin_.flush(now);
  return webm_.flush(now) && origin;
}

void Mirror::tick(Time now) {
  origin_.tick(now);
  webm_.tick(now);
}

Snapshot Mirror::snapshot() const {
  Snapshot out{home_.value_or(0), state_, {}};
  for (const Rendition rendition : {Rendition::origin, Rendition::webm})
    for (RingEntry& entry : fanout(rendition).ring().entries())
      out.entries.emplace_back(rendition, std::move(entry));
  return out;
}

}  // namespace framewire::relay
