// The table of routes: a new address, or a new right, is a row here. PROTOCOL.md, "URLs", and
// docs/security.md show it to people; tests/unit/server/url_table_test.cpp holds them against it.
#include "relay/server/routes.h"

#include "codec/outputs.h"
#include "relay/server/operations.h"
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

constexpr RouteRow api(std::string_view shape, Route route, Ways ways, std::optional<Action> needs,
                       MakeSession make, const Operation& operation) {
  return {shape, route, ways, needs, make, kNoPage, !kAnyHost, &operation};
}

// Recordings are of all streams, for an id does not tell which one it is of.
constexpr RouteRow kRows[] = {
    {"/publish/{stream}", Route::publish, kWebSocket, Action::publish, make_ws_publisher},
    {"/publish/{stream}", Route::publish, kPost | kPut, Action::publish, make_http_publisher},
    {"/publish/{stream}", Route::publish, kRead, kNobody, make_http_answer, kPage},
    {"/live/{stream}", Route::live, kWebSocket, Action::watch, make_ws_viewer},
    {"/live/{stream}", Route::live, kGet, Action::watch, make_live_answer},
    {"/live/{stream}", Route::live, kHead, Action::watch, make_live_head},
    {"/link/{stream}", Route::link, kWebSocket, kNobody, make_ws_link, kNoPage, kAnyHost},
    {"/live/{stream}/index.m3u8", Route::hls, kGet, Action::watch, make_hls_answer},
    {"/live/{stream}/index.m3u8", Route::hls, kHead, Action::watch, make_live_head},
    {"/watch/{stream}", Route::watch, kRead, kNobody, make_http_answer, kPage},
    {"/embed/{stream}", Route::embed, kRead, kNobody, make_http_answer, kPage},
    {"/", Route::streams_page, kRead, kNobody, make_http_answer, kPage},
    {"/recordings", Route::recordings_page, kRead, kNobody, make_http_answer, kPage},
    {"/admin", Route::admin_page, kRead, kNobody, make_http_answer, kPage},
    {"/render", Route::render_page, kRead, kNobody, make_http_answer, kPage},
    {"/api", Route::api_page, kRead, kNobody, make_http_answer, kPage},
    {"/framewire.js", Route::asset, kRead, kNobody, make_http_answer},
    api("/api/v1/openapi.json", Route::api_openapi, kRead, kNobody, make_control_answer, kDescribe),
    api("/api/v1/streams", Route::api_streams, kRead, Action::metrics, make_http_answer,
        kListStreams),
    api("/api/v1/streams/{stream}", Route::api_stream, kRead, Action::metrics, make_http_answer,
        kGetStream),
    api("/api/v1/streams/{stream}", Route::api_stream, kPatch, Action::manage, make_control_answer,
        kChangeStream),
    api("/api/v1/streams/{stream}", Route::api_stream, kDelete, Action::manage, make_control_answer,
        kEndStream),
    api("/api/v1/streams/{stream}/record", Route::api_record, kPost, Action::record,
        make_recording_answer, kRecord),
    api("/api/v1/sessions", Route::api_sessions, kRead, Action::manage, make_control_answer,
        kListSessions),
    api("/api/v1/sessions/{id}", Route::api_session, kRead, Action::manage, make_control_answer,
        kGetSession),
    api("/api/v1/sessions/{id}", Route::api_session, kDelete, Action::manage, make_control_answer,
        kKick),
    api("/api/v1/chat/{stream}", Route::api_chat, kRead, Action::moderate, make_control_answer,
        kGetChat),
    api("/api/v1/chat/{stream}", Route::api_chat, kPatch, Action::moderate, make_control_answer,
        kChangeChat),
    api("/api/v1/chat/{stream}", Route::api_chat, kDelete, Action::moderate, make_control_answer,
        kClearChat),
    api("/api/v1/restreams", Route::api_restreams, kRead, Action::manage, make_control_answer,
        kListRestreams),
    api("/api/v1/restreams", Route::api_restreams, kPost, Action::manage, make_control_answer,
        kBeginRestream),
    api("/api/v1/restreams/{id}", Route::api_restream, kDelete, Action::manage, make_control_answer,
        kEndRestream),
    api("/api/v1/bans", Route::api_bans, kRead, Action::manage, make_control_answer, kListBans),
    api("/api/v1/bans", Route::api_bans, kPost, Action::manage, make_control_answer, kBan),
    api("/api/v1/bans/{id}", Route::api_ban, kDelete, Action::manage, make_control_answer,
        kLiftBan),
    api("/api/v1/render", Route::api_renders, kRead, Action::manage, make_control_answer,
        kListRenders),
    api("/api/v1/render", Route::api_renders, kPost, Action::manage, make_control_answer,
        kBeginRender),
    api("/api/v1/render/{id}", Route::api_render, kRead, Action::manage, make_control_answer,
        kGetRender),
    api("/api/v1/render/{id}", Route::api_render, kDelete, Action::manage, make_control_answer,
        kCancelRender),
    api("/api/v1/events", Route::api_events, kGet, Action::manage, make_event_answer, kFollow),
    api("/api/v1/config", Route::api_config, kRead, Action::manage, make_control_answer,
        kGetConfig),
    api("/api/v1/config", Route::api_config, kPatch, Action::manage, make_control_answer,
        kChangeConfig),
    api("/api/v1/recordings", Route::api_recordings, kRead, Action::watch, make_recording_answer,
        kListRecordings),
    api("/api/v1/recordings/{id}", Route::api_recording, kRead, Action::watch,
        make_recording_answer, kCutRecording),
    api("/api/v1/recordings/{id}", Route::api_recording, kDelete, Action::manage,
        make_recording_answer, kDeleteRecording),
    api("/api/v1/recordings/{id}/upload", Route::api_upload, kPost, Action::manage,
        make_recording_answer, kUploadRecording),
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
