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

void Hub::rename_stream(const std::string& stream, std::string title,
                        std::function<void(bool found)> callback) {
  at_stream(
      stream,
      [title = std::move(title)](Hub& hub, Stream& at) {
        if (at.rename(title)) hub.broadcast_to_derived(at.name(), title_message(title));
      },
      std::move(callback));
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
