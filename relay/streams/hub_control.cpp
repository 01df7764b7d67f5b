// What an operator asks of streams, by way of the API: asked on any loop, done at the stream's
// home.
#include <memory>
#include <utility>

#include "relay/fanout/messages.h"
#include "relay/streams/hub.h"

namespace framewire::relay {

void Hub::at_stream(const std::string& stream, std::function<void(Hub&, Stream&)> task,
                    std::function<void(bool found)> callback) {
  const auto answer = [index = index_, callback = std::move(callback)](const LoopBus& bus,
                                                                       bool found) {
    bus.to_hub(index, [callback, found](Hub&) { callback(found); });
  };
  bus_.to_directory([bus = bus_, stream, task = std::move(task), answer](Directory& d) {
    const auto home = d.home(stream);
    if (!home) return answer(bus, false);
    bus.to_hub(*home, [bus, stream, task, answer](Hub& at_home) {
      const auto found = at_home.streams_.find(stream);
      const bool there = found != at_home.streams_.end() && !found->second->ended();
      if (there) task(at_home, *found->second);
      answer(bus, there);
    });
  });
}

void Hub::order_stream(const std::string& stream, StreamOrder order,
                       std::function<void(bool found, bool taken)> callback) {
  bus_.to_directory([bus = bus_, index = index_, stream, order = std::move(order),
                     callback = std::move(callback)](Directory& d) {
    const auto answer = [bus, index, callback](bool found, bool taken) {
      bus.to_hub(index, [callback, found, taken](Hub&) { callback(found, taken); });
    };
    const auto home = d.home(stream);
    if (!home || d.is_linked(stream))
      return answer(d.neighbours() && d.neighbours()->send_order(stream, order), true);
    bus.to_hub(*home, [stream, order, answer](Hub& at_home) {
      const auto found = at_home.streams_.find(stream);
      const bool there = found != at_home.streams_.end() && !found->second->ended();
      answer(there, there && at_home.obey_here(*found->second, order));
    });
  });
}

void Hub::obey(const std::string& stream, const StreamOrder& order) {
  const auto found = streams_.find(stream);
  if (found != streams_.end() && !found->second->ended()) obey_here(*found->second, order);
}

bool Hub::obey_here(Stream& stream, const StreamOrder& order) {
  const bool taken = stream.obey(order);
  if (taken && order.title) broadcast_to_derived(stream.name(), title_message(*order.title));
  return taken;
}

void Hub::lose_stream(const std::string& stream, const std::string& url) {
  const auto found = streams_.find(stream);
  if (found != streams_.end() && !found->second->linked())
    found->second->stop({CloseCode::policy,
                         "stream-taken",
                         {Errc::refused, "another publisher has this stream now, at " + url}});
}

void Hub::take_link(PublisherId publisher, const std::string& stream, const LinkEvents& events) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return;
  found->second->take_link(publisher, events);
  for (const LinkEvent& event : events) {
    if (const auto* text = std::get_if<LinkText>(&event); text && text->derived_too)
      broadcast_to_derived(stream, text->json);
    else if (const auto* title = std::get_if<LinkTitle>(&event))
      broadcast_to_derived(stream, title_message(title->title));
  }
}

void Hub::record(const std::string& stream, bool on, std::function<void(Recordable)> callback) {
  // Written at the home before it is read here: the answer is posted after.
  const auto recorded = std::make_shared<bool>(false);
  at_stream(
      stream, [on, recorded](Hub&, Stream& at) { *recorded = at.record(on); },
      [recorded, callback = std::move(callback)](bool found) {
        callback(!found      ? Recordable::no_stream
                 : *recorded ? Recordable::yes
                             : Recordable::no_recorder);
      });
}

}  // namespace framewire::relay
