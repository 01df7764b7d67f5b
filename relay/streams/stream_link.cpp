// A stream that another server has: what its link brings takes the place of what is cut here.
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "ingest/intake/make_cutter.h"
#include "relay/base/overloaded.h"
#include "relay/fanout/messages.h"
#include "relay/streams/stream.h"

namespace framewire::relay {

// The webm rendition is cut here, of the same bytes; origin and init segments are there already.
class Stream::Regrouped final : private PartSink {
 public:
  explicit Regrouped(Stream& stream) : stream_(stream) { begin(); }

  // After an error: nothing until the next epoch or gap.
  void feed(const Part& part) {
    if (!cutter_ || part.facts().joiners_only) return;
    if (part.facts().init) init_ = {part.payload().begin(), part.payload().end()};
    if (cutter_->feed(part.payload())) return;
    spdlog::debug("stream {}: no .webm of this epoch", stream_.name());
    cutter_.reset();
  }
  // What was held belongs to nothing that comes.
  void skip() {
    begin();
    if (cutter_ && !cutter_->feed(init_)) cutter_.reset();
  }

 private:
  void begin() {
    CutterOptions options;
    options.limits = stream_.config_.limits;
    PartSink& sink = *this;
    if (auto made = make_cutter(Format::webm, options, sink)) cutter_ = *std::move(made);
  }
  void on_epoch(const EpochInfo&) override {}
  void on_part(Rendition rendition, const CutPart& part) override {
    if (rendition == Rendition::webm && !(part.init && std::exchange(has_init_, true)))
      stream_.on_part(rendition, part);
  }

  Stream& stream_;
  std::unique_ptr<Cutter> cutter_;
  Buffer init_;
  bool has_init_ = false;
};

Stream::~Stream() {
  if (recording_) recording_->close();
}

void Stream::take_link(PublisherId from, const LinkEvents& events) {
  if (!publisher_.is(from) || ended_ || !linked()) return;
  for (const LinkEvent& event : events) {
    if (ended_) return;
    std::visit(Overloaded{[&](const LinkEpoch& epoch) { begin_linked_epoch(epoch); },
                          [&](const LinkPart& part) { take_linked_part(part.part); },
                          [&](const LinkGap& gap) { skip_linked(gap); },
                          [&](const LinkState& state) { set_linked_state(state.state); },
                          [&](const LinkText& text) {
                            flush();
                            broadcast(TextSaid{text.json, text.kind});
                          },
                          [&](const LinkTitle& title) { rename(title.title); },
                          [&](const LinkViewers& viewers) { linked_viewers_ = viewers.count; },
                          [&](const LinkCleared&) { broadcast(HistoryCleared{}); },
                          [&](const LinkEnd& over) { end(over.reason); }},
               event);
  }
  if (const bool hold = must_hold(); publisher_.set_held(hold))
    delegate_.to_publisher(publisher_.id(), ReadingHeld{hold});
}

void Stream::begin_linked_epoch(const LinkEpoch& epoch) {
  info_ = epoch.info;
  epoch_ = epoch.number;
  epochs_ = {};
  regrouped_.reset();
  if (info_.has_webm_rendition) regrouped_ = std::make_shared<Regrouped>(*this);
  if (recording_) recording_->begin_epoch(info_);
  if (!std::exchange(begin_logged_, true)) log_begin();
  delegate_.to_directory(summary());
}

void Stream::take_linked_part(const PartPtr& part) {
  const PartFacts& facts = part->facts();
  if (linked_state_ != StreamState::live) set_linked_state({StreamState::live, ""});
  received_bytes_ += part->payload().size();
  counters_.received_bytes += part->payload().size();
  ++counters_.received_messages;
  if (!facts.init) newest_pts_us_ = facts.pts_us;
  publisher_.set_captured(facts.captured_wall_us);
  next_sequence_[0] = facts.sequence + 1;
  add(Rendition::origin, part);
  if (regrouped_) regrouped_->feed(*part);
}

void Stream::skip_linked(const LinkGap& gap) {
  flush();
  broadcast(TextSaid{skipped_message(gap.reason, next_sequence_[0], next_sequence_[0]),
                     TextKind::control});
  if (regrouped_) regrouped_->skip();
}

void Stream::set_linked_state(const StateChanged& state) {
  if (linked_state_ == state.state) return;
  linked_state_ = state.state;
  flush();
  broadcast(state);
  delegate_.to_directory(summary());
}

}  // namespace framewire::relay
