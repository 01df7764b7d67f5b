// The table of routes: a new address, or a new right, is a row here. PROTOCOL.md, "URLs", and
// docs/security.md show it to people; tests/unit/server/url_table_test.cpp holds them against it.
#include "relay/server/routes.h"

#include "codec/outputs.h"
#include "relay/server/session_kinds.h"

namespace framewire::relay {
namespace {

using Route = Target::Route;

std::unique_ptr<Session> make_live_answer(Connection& connection, const Admission& admission,
                                          const Request& request) {
  const MakeSession make =
      codec::makes_pictures(admission.target.extension) ? make_http_pictures : make_http_viewer;
  return make(connection, admission, request);
}

constexpr auto kNobody = std::nullopt;
constexpr bool kPage = true, kNoPage = false, kAnyHost = true;

// Recordings are of all streams, for an id does not tell which one it is of.
constexpr RouteRow kRows[] = {
    {"/publish/{stream}", Route::publish, kWebSocket, Action::publish, make_ws_publisher},
    {"/publish/{stream}", Route::publish, kPost | kPut, Action::publish, make_http_publisher},
    {"/publish/{stream}", Route::publish, kRead, kNobody, make_http_answer, kPage},
    {"/live/{stream}", Route::live, kWebSocket, Action::watch, make_ws_viewer},
    {"/live/{stream}", Route::live, kGet, Action::watch, make_live_answer},
    {"/live/{stream}", Route::live, kHead, Action::watch, make_live_head},
    {"/live/{stream}/index.m3u8", Route::hls, kGet, Action::watch, make_hls_answer},
    {"/live/{stream}/index.m3u8", Route::hls, kHead, Action::watch, make_live_head},
    {"/watch/{stream}", Route::watch, kRead, kNobody, make_http_answer, kPage},
    {"/embed/{stream}", Route::embed, kRead, kNobody, make_http_answer, kPage},
    {"/", Route::streams_page, kRead, kNobody, make_http_answer, kPage},
    {"/recordings", Route::recordings_page, kRead, kNobody, make_http_answer, kPage},
    {"/framewire.js", Route::asset, kRead, kNobody, make_http_answer},
    {"/api/v1/streams", Route::api_streams, kRead, Action::metrics, make_http_answer},
    {"/api/v1/streams/{stream}", Route::api_stream, kRead, Action::metrics, make_http_answer},
    {"/api/v1/streams/{stream}/record", Route::api_record, kPost, Action::record,
     make_recording_answer},
    {"/api/v1/recordings", Route::api_recordings, kRead, Action::watch, make_recording_answer},
    {"/api/v1/recordings/{id}", Route::api_recording, kRead, Action::watch, make_recording_answer},
    {"/api/v1/recordings/{id}", Route::api_recording, kDelete, Action::manage,
     make_recording_answer},
    {"/recordings/{id}", Route::recording, kRead, Action::watch, make_recording_answer},
    {"/recordings/{id}.jpg", Route::thumbnail, kRead, Action::watch, make_recording_answer},
    {"/metrics", Route::metrics, kRead, Action::metrics, make_http_answer},
    {"/healthz", Route::healthz, kRead, kNobody, make_http_answer, kNoPage, kAnyHost},
    {"/echo", Route::echo, kWebSocket, Action::metrics, make_ws_echo},
};

}  // namespace

const RouteTable& routes() {
  static constexpr RouteTable kTable{kRows};
  return kTable;
}

std::unique_ptr<Session> make_session(Connection& connection, const Admission& admission,
                                      const Request& request) {
  const MakeSession make = admission.denied ? make_ws_denied
                           : !admission.row ? make_preflight
                                            : admission.row->make;
  return make(connection, admission, request);
}

}  // namespace framewire::relay
