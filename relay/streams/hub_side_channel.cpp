// The side channel's way through the hubs: from who speaks to the stream's home.
#include <utility>

#include "relay/base/stream_name.h"
#include "relay/fanout/messages.h"
#include "relay/streams/hub.h"

namespace framewire::relay {

void Hub::send_side_text(Viewer& viewer, SideText text) {
  if (viewer.speaker == 0) {
    viewer.speaker = ++last_number_;
    senders_[viewer.speaker] = &viewer;
    viewer.sink.send_text(
        sender_message(name_of({{index_, viewer.speaker}}, config_.sender_suffix())));
  }
  const SpeakerId from{{index_, viewer.speaker}};
  const std::string& stream = viewer.local_stream->stream();
  if (const auto home = viewer.local_stream->home()) {
    send_side_text_at(*home, stream, from, std::move(text));
    return;
  }
  // A local stream that was made just now does not know its home yet; the directory does.
  bus_.to_directory([&hub = *relay_.hubs[0], stream, from, text = std::move(text)](Directory& d) {
    if (const auto home = d.home(stream)) {
      hub.send_side_text_at(*home, stream, from, text);
      return;
    }
    hub.counters_.said(TextFate::limited);
    hub.to_speaker(from, warning_message("no-stream",
                                         "nobody publishes this stream: there is "
                                         "nobody to tell"));
  });
}

void Hub::pass_side_text(Viewer& link, std::string sender, SideText text) {
  if (link.speaker == 0) {
    link.speaker = ++last_number_;
    senders_[link.speaker] = &link;
  }
  if (const auto home = link.local_stream->home())
    send_side_text_at(*home, link.local_stream->stream(),
                      {{index_, link.speaker}, std::move(sender)}, std::move(text));
}

void Hub::send_side_text(PublisherId publisher, SideText text) {
  const auto found = links_.find(publisher.number);
  if (found != links_.end() && found->second.home)
    send_side_text_at(*found->second.home, found->second.stream, {publisher}, std::move(text));
}

void Hub::send_side_text_at(unsigned home, const std::string& stream, SpeakerId from,
                            SideText text) {
  bus_.to_hub(home, [stream, from, text = std::move(text)](Hub& hub) {
    const auto found = hub.streams_.find(stream);
    if (found != hub.streams_.end()) found->second->on_side_text(from, text);
  });
}

void Hub::mute(PublisherId publisher, MuteMessage mute) {
  const auto found = links_.find(publisher.number);
  if (found == links_.end() || !found->second.home) return;
  bus_.to_hub(*found->second.home,
              [stream = found->second.stream, publisher, mute = std::move(mute)](Hub& hub) {
                const auto at = hub.streams_.find(stream);
                if (at != hub.streams_.end()) at->second->mute(publisher, mute);
              });
}

void Hub::moderate(const Viewer& viewer, ChatOrder order) {
  at_home(*viewer.local_stream, [bus = bus_, order = std::move(order)](Stream& at) {
    if (!at.linked())
      at.moderate(order);
    else
      bus.to_directory([stream = at.name(), order](Directory& d) {
        d.neighbours()->send_order(stream, {false, {}, order});
      });
  });
}

void Hub::set_title(PublisherId publisher, std::string title) {
  const auto found = links_.find(publisher.number);
  if (found == links_.end() || !found->second.home) return;
  bus_.to_hub(*found->second.home,
              [stream = found->second.stream, publisher, title = std::move(title)](Hub& hub) {
                hub.set_title_here(stream, publisher, title);
              });
}

void Hub::set_title_here(const std::string& stream, PublisherId publisher,
                         const std::string& title) {
  const auto at = streams_.find(stream);
  if (at != streams_.end() && at->second->set_title(publisher, title))
    broadcast_to_derived(stream, title_message(title));
}

void Hub::report_still(PublisherId publisher, bool still) {
  const auto found = links_.find(publisher.number);
  if (found == links_.end() || !found->second.home) return;
  bus_.to_hub(*found->second.home, [stream = found->second.stream, publisher, still](Hub& hub) {
    hub.report_still_here(stream, publisher, still);
  });
}

void Hub::report_still_here(const std::string& stream, PublisherId publisher, bool still) {
  const auto at = streams_.find(stream);
  if (at != streams_.end() && at->second->report_still(publisher, still))
    broadcast_to_derived(stream, still_message(still));
}

void Hub::broadcast_to_derived(const std::string& stream, const std::string& json) {
  for (const auto& [name, derived] : streams_)
    if (is_derived(name) && origin_of(name) == stream)
      derived->broadcast_text(json, TextKind::control);
}

}  // namespace framewire::relay
