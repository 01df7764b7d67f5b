// What hubs post to one another: the directory's decisions, and what streams send out.
#include <utility>

#include "relay/base/stream_name.h"
#include "relay/streams/hub.h"

namespace framewire::relay {

// ---- from the directory

void Hub::open_stream(const Claim& claim, const Remotes& mirrors) {
  check_thread();
  const Doing doing{index_, "open_stream", claim.stream};
  Mirror& mirror = mirror_for(claim.stream);
  mirror.open(index_);
  mirror.fanout(Rendition::origin).join_all(now());
  mirror.fanout(Rendition::webm).join_all(now());
  auto& stream = streams_[claim.stream];
  stream = std::make_unique<Stream>(config_, counters_, *this, mirror, recorder_);
  for (const MirrorId& id : mirrors) add_mirror(claim.stream, id);
  stream->claim(claim);
  if (restreamer_ && !is_derived(claim.stream)) restreamer_->begin(claim.stream);
}

void Hub::take_claim(const Claim& claim) {
  const auto found = streams_.find(claim.stream);
  if (found != streams_.end() && !found->second->ended()) {
    found->second->claim(claim);
  } else {  // it ended while the claim was on its way; the directory hears of that first
    with_directory([claim](Directory& d) { d.claim(claim); });
  }
}

void Hub::refuse_claim(const Claim& claim, const Ending& ending) {
  on_refused(claim.publisher.number, ending);
}

void Hub::add_mirror(const std::string& stream, MirrorId id) {
  const auto found = streams_.find(stream);
  if (found == streams_.end() || found->second->ended()) {
    // It ended while this was on its way; the directory soon hears of that, or has.
    with_directory([stream, id](Directory& d) { d.watch_again(stream, id); });
    return;
  }
  found->second->flush();
  // It may be asked for twice, by a claim and by who watches; its viewers are to get nothing twice.
  if (!found->second->add_mirror(id)) return;
  auto snapshot = std::make_shared<const Snapshot>(mirrors_.at(stream)->snapshot());
  with_mirrors({id}, stream,
               [snapshot](Hub& hub, Mirror& mirror) { mirror.load(*snapshot, hub.now()); });
}

void Hub::remove_mirror(const std::string& stream, MirrorId id) {
  const auto found = streams_.find(stream);
  if (found != streams_.end()) found->second->remove_mirror(id);
}

void Hub::nobody(const std::string& stream, MirrorId id) {
  if (Mirror* mirror = mirror_at(stream, id)) mirror->nobody(now());
}

// ---- to the other loops

void Hub::publisher_ready(PublisherId publisher, const std::string& stream) {
  post_to(publisher.loop, [number = publisher.number, stream, home = index_](Hub& hub) {
    hub.on_granted(number, stream, home);
  });
}

void Hub::tell_publisher(PublisherId publisher, std::string json) {
  post_to(publisher.loop, [number = publisher.number, json = std::move(json)](Hub& hub) {
    hub.tell_link(number, json);
  });
}

void Hub::tell_speaker(SpeakerId speaker, std::string json) {
  post_to(speaker.loop, [number = speaker.number, json = std::move(json)](Hub& hub) {
    if (const auto link = hub.links_.find(number); link != hub.links_.end())
      link->second.sink->tell(json);
    else if (const auto viewer = hub.talkers_.find(number); viewer != hub.talkers_.end())
      viewer->second->sink.tell(json);
  });
}

void Hub::tell_link(std::uint64_t number, const std::string& json) {
  const auto found = links_.find(number);
  if (found != links_.end()) found->second.sink->tell(json);
}

void Hub::publisher_ended(PublisherId publisher, std::optional<Error> error) {
  post_to(publisher.loop, [number = publisher.number, error = std::move(error)](Hub& hub) {
    const auto found = hub.links_.find(number);
    if (found != hub.links_.end()) found->second.sink->on_ended(error);
  });
}

void Hub::close_publisher(PublisherId publisher, Ending ending) {
  post_to(publisher.loop, [number = publisher.number, ending = std::move(ending)](Hub& hub) {
    hub.on_refused(number, ending);
  });
}

void Hub::hold_publisher(PublisherId publisher, bool hold) {
  post_to(publisher.loop, [number = publisher.number, hold](Hub& hub) {
    const auto found = hub.links_.find(number);
    if (found != hub.links_.end()) hub.hold(found->second, &Link::held_by_stream, hold);
  });
}

void Hub::with_mirrors(const Remotes& to, const std::string& stream,
                       const std::function<void(Hub&, Mirror&)>& task) {
  for (const MirrorId& id : to)
    post_to(id.loop, [stream, id, task](Hub& hub) {
      if (Mirror* mirror = hub.mirror_at(stream, id)) task(hub, *mirror);
    });
}

void Hub::send_parts(const Remotes& to, const std::string& stream,
                     std::shared_ptr<const Posting> parts) {
  with_mirrors(to, stream, [parts = std::move(parts)](Hub&, Mirror& mirror) {
    for (const RenditionEntry& entry : parts->entries()) mirror.append(entry);
  });
}

void Hub::send_state(const Remotes& to, const std::string& stream, StreamState state,
                     std::string waiting_reason) {
  with_mirrors(to, stream, [state, reason = std::move(waiting_reason)](Hub& hub, Mirror& mirror) {
    mirror.flush(hub.now());
    mirror.set_state(state, reason);
  });
}

void Hub::send_end(const Remotes& to, const std::string& stream, std::string reason) {
  stream_ended_ = true;
  with_mirrors(to, stream, [reason = std::move(reason)](Hub& hub, Mirror& mirror) {
    mirror.flush(hub.now());
    mirror.end(reason);
  });
}

void Hub::send_refusal(const Remotes& to, const std::string& stream, std::string why) {
  with_mirrors(to, stream, [why = std::move(why)](Hub&, Mirror& mirror) { mirror.refuse(why); });
}

void Hub::send_text(const Remotes& to, const std::string& stream, std::string json, TextKind kind) {
  with_mirrors(to, stream,
               [json = std::move(json), kind](Hub&, Mirror& mirror) { mirror.tell(json, kind); });
}

void Hub::send_summary(StreamSummary summary) {
  with_directory([summary = std::move(summary)](Directory& d) { d.update(summary); });
}

}  // namespace framewire::relay
