// From a request's path to what is asked for. The path comes percent-decoded, may hold any byte
// (NUL too) and is held against a strict grammar here, whatever the HTTP library has folded before.
// Thread: any.  Errors: only one, a name outside the grammar (`bad-name`, 400).  Source:
// PROTOCOL.md, "URLs".
#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/base/error.h"
#include "ingest/cut/cutter.h"
#include "relay/hls/names.h"

namespace framewire::relay {

struct Target {
  enum class Route : std::uint8_t {
    none,             // nothing of ours: 404
    publish,          // /publish/{stream}
    link,             // /link/{stream}: another node of a cluster
    live,             // /live/{stream} (extension "") or /live/{stream}.mp4 (extension "mp4")
    hls,              // /live/{stream}/index.m3u8 and what it names: `hls_file`
    watch,            // /watch/{stream}
    embed,            // /embed/{stream}
    streams_page,     // /
    recordings_page,  // /recordings
    asset,  // a file by name, such as /framewire.js: `asset` holds "framewire.js". It may not exist
    api_streams,     // /api/v1/streams
    api_stream,      // /api/v1/streams/{stream}
    recording,       // /recordings/{id}
    thumbnail,       // /recordings/{id}.jpg
    api_recordings,  // /api/v1/recordings
    api_recording,   // /api/v1/recordings/{id}
    api_upload,      // /api/v1/recordings/{id}/upload
    api_record,      // /api/v1/streams/{stream}/record, which only a POST means
    api_sessions,    // /api/v1/sessions
    api_session,     // /api/v1/sessions/{id}: `session`
    api_chat,        // /api/v1/chat/{stream}
    api_restreams,   // /api/v1/restreams
    api_restream,    // /api/v1/restreams/{id}: `restream`
    api_bans,        // /api/v1/bans
    api_ban,         // /api/v1/bans/{id}: `ban`
    api_config,      // /api/v1/config
    api_events,      // /api/v1/events
    api_renders,     // /api/v1/render
    api_render,      // /api/v1/render/{id}: `render`
    api_openapi,     // /api/v1/openapi.json
    api_page,        // /api
    admin_page,      // /admin
    render_page,     // /render
    metrics,
    healthz,
    echo,
  };
  Route route = Route::none;
  std::string stream;
  std::string extension;
  std::string asset;
  std::string recording;  // an id (relay/record/names.h)
  hls::File hls_file;
  struct SessionId {
    unsigned loop = 0;
    std::uint64_t number = 0;
    auto operator<=>(const SessionId&) const = default;
  };
  SessionId session;
  std::uint64_t restream = 0;
  std::uint64_t ban = 0;
  std::uint64_t render = 0;
};

// "3-17", as the control API names a connection: its loop, and its number there.
std::optional<Target::SessionId> parse_session_id(std::string_view text);
std::string to_string(Target::SessionId id);

// What a viewer of a Route::live is attached to: the stream itself, or one derived from it
// (relay/base/stream_name.h).
struct Viewed {
  std::string stream;
  Rendition rendition = Rendition::origin;
};
Viewed viewed(const Target& live);

// A rendition or page that this version does not serve (/live/a.avi) is
// Route::none.
Result<Target> parse_target(std::string_view decoded_path);
// The same for a POST, which alone knows Route::api_record: a stream may be called `a/record`.
Result<Target> parse_post_target(std::string_view decoded_path);

}  // namespace framewire::relay
