// What hubs post to one another: the directory's decisions, and what streams send out.
#include <utility>
#include <variant>

#include "relay/base/overloaded.h"
#include "relay/base/stream_name.h"
#include "relay/fanout/messages.h"
#include "relay/streams/hub.h"

namespace framewire::relay {

// ---- from the directory

void Hub::open_stream(const PublishRequest& request, const Remotes& local_streams) {
  check_thread();
  const Doing doing{index_, "open_stream", request.stream};
  LocalStream& local_stream = local_stream_for(request.stream);
  local_stream.open(index_);
  local_stream.join_all(now());
  auto& stream = streams_[request.stream];
  stream = std::make_unique<Stream>(config_, counters_, *this, local_stream, recorder_);
  for (const LocalStreamId& id : local_streams) add_local_stream(request.stream, id);
  stream->on_publish_request(request);
  // Another server's is served to its services there.
  if (is_derived(request.stream) || request.framing == PublishFraming::link) return;
  for (Service* service : services_) service->on_stream_begin(request.stream);
}

void Hub::on_publish_request(const PublishRequest& request) {
  const auto found = streams_.find(request.stream);
  if (found != streams_.end() && !found->second->ended()) {
    found->second->on_publish_request(request);
  } else {  // it ended while the request was on its way; the directory hears of that first
    bus_.to_directory([request](Directory& d) { d.request(request); });
  }
}

void Hub::refuse_request(const PublishRequest& request, const CloseReason& ending) {
  if (ending.code == "overloaded") limit_reached("max-streams", request.stream);
  take(request.publisher.number, ending);
}

void Hub::add_local_stream(const std::string& stream, LocalStreamId id) {
  const auto found = streams_.find(stream);
  if (found == streams_.end() || found->second->ended()) {
    // It ended while this was on its way; the directory soon hears of that, or has.
    bus_.to_directory([stream, id](Directory& d) { d.watch_again(stream, id); });
    return;
  }
  found->second->flush();
  // It may be asked for twice, by a request and by who watches; its viewers are to get nothing
  // twice.
  if (!found->second->add_local_stream(id)) return;
  to_local_streams({id}, stream,
                   std::make_shared<const Snapshot>(local_streams_.at(stream)->snapshot()));
}

void Hub::remove_local_stream(const std::string& stream, LocalStreamId id) {
  const auto found = streams_.find(stream);
  if (found != streams_.end()) found->second->remove_local_stream(id);
}

void Hub::nobody(const std::string& stream, LocalStreamId id) {
  if (LocalStream* local_stream = local_stream_at(stream, id)) local_stream->nobody(now());
}

// ---- to the other loops

void Hub::to_local_streams(const Remotes& to, const std::string& stream, StreamEvent event) {
  if (std::holds_alternative<StreamEnded>(event)) stream_ended_ = true;
  if (to.empty()) return;
  const auto shared = std::make_shared<const StreamEvent>(std::move(event));
  for (const LocalStreamId& id : to)
    bus_.to_hub(id.loop, [stream, id, shared](Hub& hub) {
      if (LocalStream* local_stream = hub.local_stream_at(stream, id))
        local_stream->apply(*shared, hub.now());
    });
}

void Hub::to_publisher(PublisherId publisher, PublisherEvent event) {
  bus_.to_hub(publisher.loop, [number = publisher.number, event = std::move(event)](Hub& hub) {
    hub.take(number, event);
  });
}

void Hub::to_speaker(SpeakerId speaker, std::string json) {
  if (!speaker.via.empty()) json = to_message(speaker.via, json);
  bus_.to_hub(speaker.loop, [number = speaker.number, json = std::move(json)](Hub& hub) {
    if (const auto viewer = hub.senders_.find(number); viewer != hub.senders_.end())
      viewer->second->sink.send_text(json);
    else
      hub.take(number, PublisherText{json});
  });
}

void Hub::to_directory(StreamSummary summary) {
  bus_.to_directory([summary = std::move(summary)](Directory& d) { d.update(summary); });
}

// ---- to a publisher here

void Hub::take(std::uint64_t number, const PublisherEvent& event) {
  if (const auto* granted = std::get_if<PublishGranted>(&event)) {
    on_granted(number, *granted);
    return;
  }
  const auto found = links_.find(number);
  if (found == links_.end()) return;
  Link& link = found->second;
  std::visit(
      Overloaded{[](const PublishGranted&) {},
                 [&](const PublisherText& text) { link.sink->send_text(text.json); },
                 [&](const ReadingHeld& held) { hold(link, &Link::held_by_stream, held.hold); },
                 [&](const PublishingEnded& ended) { link.sink->on_ended(ended.error); },
                 [&](const CloseReason& ending) { link.sink->close(ending); }},
      event);
}

}  // namespace framewire::relay
