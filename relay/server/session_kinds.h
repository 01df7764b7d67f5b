// The kinds of session, each made by a function of its own file.
#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "relay/access/judge.h"
#include "relay/server/session.h"
#include "relay/streams/publisher.h"

namespace framewire::relay {

class Connection;
class Hub;

// Each is a MakeSession (relay/access/route.h): what it has no use for has no name.
std::unique_ptr<Session> make_ws_viewer(Connection& connection, const Admission& admission,
                                        const Request& request);
std::unique_ptr<Session> make_ws_publisher(Connection& connection, const Admission& admission,
                                           const Request& request);
// Another node of the cluster, which fetches a stream that is here.
std::unique_ptr<Session> make_ws_link(Connection& connection, const Admission& admission,
                                      const Request& request);
std::unique_ptr<Session> make_ws_echo(Connection& connection, const Admission&, const Request&);
// For a framewire.v1 peer that may not: tells it and closes.
std::unique_ptr<Session> make_ws_denied(Connection& connection, const Admission& admission,
                                        const Request&);
std::unique_ptr<Session> make_http_viewer(Connection& connection, const Admission& admission,
                                          const Request& request);
// The newest picture, or pictures one after another: for outputs that codec::makes_pictures().
std::unique_ptr<Session> make_http_pictures(Connection& connection, const Admission& admission,
                                            const Request& request);
std::unique_ptr<Session> make_http_publisher(Connection& connection, const Admission& admission,
                                             const Request& request);
// Pages, assets, health, metrics, API: one answer.
std::unique_ptr<Session> make_http_answer(Connection& connection, const Admission& admission,
                                          const Request& request);
// What a page of a site that is admitted may do here.
std::unique_ptr<Session> make_preflight(Connection& connection, const Admission&,
                                        const Request& request);

// HLS: one file of it.
std::unique_ptr<Session> make_hls_answer(Connection& connection, const Admission& admission,
                                         const Request& request);

// HEAD of a live rendition, or of a playlist: told of one that is made already as GET would, and
// else by what it would be, for asking begins nothing.
std::unique_ptr<Session> make_live_head(Connection& connection, const Admission& admission,
                                        const Request& request);

// `?wait=SECONDS` for a stream that is not there yet; at most a minute.
std::chrono::seconds wait_asked(const Request& request);

// The control API: sessions, streams, chat, restreams, configuration, and its own description.
std::unique_ptr<Session> make_control_answer(Connection& connection, const Admission& admission,
                                             const Request& request);

// /api/v1/events, as server-sent events.
std::unique_ptr<Session> make_event_answer(Connection& connection, const Admission&,
                                           const Request& request);

// Recordings: files and API.
std::unique_ptr<Session> make_recording_answer(Connection& connection, const Admission& admission,
                                               const Request& request);

// Tells a framewire.v1 peer why, unless it is to come back at once; to others the close says all.
void dismiss_ws(Connection& connection, const Dismissal& why, bool v1);

// Of a session that watches. stream: what its viewer is attached to. Views into both.
SessionFacts facts_of(const Viewer& viewer, std::string_view stream, std::string_view transport,
                      std::optional<std::uint32_t> delay_ms, const Hub& hub);

// A sentence for a viewer that is closed with this code name.
std::string_view close_sentence(std::string_view code_name);

// Of who asks for a recording of what it publishes, and has no right to that.
std::optional<CloseReason> refuse_recording(const PublishHello& hello, const Principal& who,
                                            const std::string& stream);

// The end of a connection whose unfinished message would be too much beside those of all others.
CloseReason no_room();

// One of a server's viewers, counted over all loops while it lives.
class CountedSlot {
 public:
  CountedSlot(std::atomic<std::size_t>& count, std::size_t limit)
      : count_(count), taken_(count.fetch_add(1, std::memory_order_relaxed) < limit) {}
  ~CountedSlot() { count_.fetch_sub(1, std::memory_order_relaxed); }
  CountedSlot(const CountedSlot&) = delete;
  CountedSlot& operator=(const CountedSlot&) = delete;
  bool taken() const { return taken_; }

 private:
  std::atomic<std::size_t>& count_;
  const bool taken_;
};

}  // namespace framewire::relay
