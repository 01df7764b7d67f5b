// Something that happened to a stream, told to those outside who follow: server-sent events at
// /api/v1/events, and webhooks. Values; what is told is immutable and shared. Thread: any.
// Source: PROTOCOL.md, "Events".
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace framewire::relay {

// Names are a promise to users.
inline constexpr std::array<std::string_view, 17> kEventTypes = {
    "server-start",   // all streams of before have ended
    "publish",        // a stream begins, or another publisher goes on with it
    "unpublish",      // it has ended, or its publisher was replaced
    "first-viewer",   // nobody watched before
    "last-viewer",    // nobody watches any more
    "viewer-join",    // these two only with --viewer-events
    "viewer-leave",   //
    "record-start",   // a file is begun
    "record-finish",  // it can be fetched
    "record-failed",  // it cannot
    "upload-finish",  // the server of --upload-url has it
    "upload-failed",  // that was given up
    "render-finish",  // a film of a page can be fetched
    "render-failed",  // it could not be made
    "restream",       // the state of one that is passed on has changed
    "limit",          // somebody was refused, for a limit is reached
    "lost",           // to who follows, alone: some that were asked for are not kept any more
};

struct Event {
  std::string type;
  std::string stream;    // "" = of the whole server
  std::string data;      // members of its type, as the text of a JSON object
  std::uint64_t id = 0;  // ascending, over restarts too; given by the EventLog
  std::int64_t wall_ms = 0;
};
using EventPtr = std::shared_ptr<const Event>;

// {"id":"...","type":...,"stream":...,"wall_ms":...,"data":{...}}; the id is a text, for it is
// opaque.
std::string event_json(const Event& event);

// Where events go that are to outlive this process (webhooks). Thread: loop 0's calls take().
class EventSink {
 public:
  virtual ~EventSink() = default;
  // Must not block.
  virtual void take(const EventPtr& event) = 0;
  // The newest that was ever taken; 0 = none is known.
  virtual std::uint64_t last_id() const = 0;
};

}  // namespace framewire::relay
