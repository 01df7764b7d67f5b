// What hubs post to one another: the directory's decisions, and what streams send out.
#include <utility>
#include <variant>

#include "relay/base/overloaded.h"
#include "relay/base/stream_name.h"
#include "relay/streams/hub.h"

namespace framewire::relay {

// ---- from the directory

void Hub::open_stream(const Claim& claim, const Remotes& mirrors) {
  check_thread();
  const Doing doing{index_, "open_stream", claim.stream};
  Mirror& mirror = mirror_for(claim.stream);
  mirror.open(index_);
  mirror.join_all(now());
  auto& stream = streams_[claim.stream];
  stream = std::make_unique<Stream>(config_, counters_, *this, mirror, recorder_);
  for (const MirrorId& id : mirrors) add_mirror(claim.stream, id);
  stream->claim(claim);
  if (is_derived(claim.stream)) return;
  for (Service* service : services_) service->on_stream_begin(claim.stream);
}

void Hub::take_claim(const Claim& claim) {
  const auto found = streams_.find(claim.stream);
  if (found != streams_.end() && !found->second->ended()) {
    found->second->claim(claim);
  } else {  // it ended while the claim was on its way; the directory hears of that first
    bus_.to_directory([claim](Directory& d) { d.claim(claim); });
  }
}

void Hub::refuse_claim(const Claim& claim, const Ending& ending) {
  if (ending.code == "overloaded") limit_reached("max-streams", claim.stream);
  take(claim.publisher.number, ending);
}

void Hub::add_mirror(const std::string& stream, MirrorId id) {
  const auto found = streams_.find(stream);
  if (found == streams_.end() || found->second->ended()) {
    // It ended while this was on its way; the directory soon hears of that, or has.
    bus_.to_directory([stream, id](Directory& d) { d.watch_again(stream, id); });
    return;
  }
  found->second->flush();
  // It may be asked for twice, by a claim and by who watches; its viewers are to get nothing twice.
  if (!found->second->add_mirror(id)) return;
  to_mirrors({id}, stream, std::make_shared<const Snapshot>(mirrors_.at(stream)->snapshot()));
}

void Hub::remove_mirror(const std::string& stream, MirrorId id) {
  const auto found = streams_.find(stream);
  if (found != streams_.end()) found->second->remove_mirror(id);
}

void Hub::nobody(const std::string& stream, MirrorId id) {
  if (Mirror* mirror = mirror_at(stream, id)) mirror->nobody(now());
}

// ---- to the other loops

void Hub::to_mirrors(const Remotes& to, const std::string& stream, StreamEvent event) {
  if (std::holds_alternative<StreamEnded>(event)) stream_ended_ = true;
  if (to.empty()) return;
  const auto shared = std::make_shared<const StreamEvent>(std::move(event));
  for (const MirrorId& id : to)
    bus_.to_hub(id.loop, [stream, id, shared](Hub& hub) {
      if (Mirror* mirror = hub.mirror_at(stream, id)) mirror->apply(*shared, hub.now());
    });
}

void Hub::to_publisher(PublisherId publisher, PublisherEvent event) {
  bus_.to_hub(publisher.loop, [number = publisher.number, event = std::move(event)](Hub& hub) {
    hub.take(number, event);
  });
}

void Hub::to_speaker(SpeakerId speaker, std::string json) {
  bus_.to_hub(speaker.loop, [number = speaker.number, json = std::move(json)](Hub& hub) {
    if (const auto viewer = hub.talkers_.find(number); viewer != hub.talkers_.end())
      viewer->second->sink.tell(json);
    else
      hub.take(number, PublisherText{json});
  });
}

void Hub::to_directory(StreamSummary summary) {
  bus_.to_directory([summary = std::move(summary)](Directory& d) { d.update(summary); });
}

// ---- to a publisher here

void Hub::take(std::uint64_t number, const PublisherEvent& event) {
  if (const auto* granted = std::get_if<ClaimGranted>(&event)) {
    on_granted(number, *granted);
    return;
  }
  const auto found = links_.find(number);
  if (found == links_.end()) return;
  Link& link = found->second;
  std::visit(
      Overloaded{[](const ClaimGranted&) {},
                 [&](const PublisherText& text) { link.sink->tell(text.json); },
                 [&](const ReadingHeld& held) { hold(link, &Link::held_by_stream, held.hold); },
                 [&](const PublishingEnded& ended) { link.sink->on_ended(ended.error); },
                 [&](const Ending& ending) { link.sink->close(ending); }},
      event);
}

}  // namespace framewire::relay
