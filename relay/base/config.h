// Everything an operator may set, with its default: one struct, filled by the command line, a
// config file or FRAMEWIRE_* variables (tools/). Each hub has its own copy, which a reload replaces
// on its loop's thread.
#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ingest/base/limits.h"
#include "relay/base/cluster_config.h"
#include "relay/base/restream.h"
#include "relay/base/tcp_point.h"

namespace framewire::jwt {
class LinkKeys;
}

namespace framewire::relay {

// How long groups are to be for those who are no audience, or whose networks are slow: as long as
// publishers make them that are never asked for keyframes.
inline constexpr std::chrono::milliseconds kOrdinaryGroup{2'000};

class EventSink;
class HookQueue;
class NamedKeys;
class TokenKeys;
class UploadSink;

struct Config {
  // Where to listen, and who may.
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;                 // 0 = any free one
  bool open = false;                         // a public address without publish keys is meant so
  std::vector<std::string> publish_keys;     // empty: anyone may publish
  std::vector<std::string> watch_keys;       // empty: anyone may watch
  std::vector<std::string> allowed_origins;  // besides the server's own; "*" = any
  std::vector<std::string> hosts;            // names it is asked by, besides addresses (hosts.h)
  std::vector<std::string> trusted_proxies;  // addresses and networks (trusted_proxies.h)
  std::string tls_cert;                      // PEM files; both or none
  std::string tls_key;
  bool tls_self_signed = false;
  // Certificates of clients (relay/tls/client_authority.h).
  std::string client_ca;                 // a PEM file; "" = nobody is asked for one
  std::string client_cert = "optional";  // or "required"
  bool needs_client_cert() const { return client_cert == "required"; }

  // Signed tokens (relay/access/token_authorizer.h).
  std::string jwks;                       // a file, or a URL; "" = none are taken
  std::shared_ptr<TokenKeys> token_keys;  // what is there; null = none are taken
  std::string jwt_issuer;
  std::vector<std::string> jwt_audiences;
  std::chrono::milliseconds jwt_leeway{60'000};
  std::string jwt_claim = "framewire";
  bool open_watch = false;                        // who shows no token may watch
  std::size_t jwt_cache = 10'000;                 // tokens, of each loop
  std::chrono::milliseconds jwks_every{300'000};  // of a URL
  std::chrono::milliseconds jwks_pause{10'000};   // between two looks for a key that is not known
  std::chrono::milliseconds jwks_timeout{4'000};

  // The operator's own server that says who may (relay/access/hook_authorizer.h).
  std::string auth_url;                  // "" = none is asked
  std::shared_ptr<HookQueue> auth_hook;  // the way to it; null = none is asked
  std::chrono::milliseconds auth_timeout{3'000};
  std::size_t auth_parallel = 16;   // requests to it at a time
  std::size_t auth_queue = 1'000;   // that wait for one of these
  std::size_t auth_cache = 10'000;  // answers used again, of each loop

  // Whoever shows nothing may nothing, whether or not there are static keys.
  bool asks_for_identity() const { return token_keys || auth_hook || named_keys || link_keys; }

  // Keys with names and rights (relay/access/named_keys.h), and signed links
  // (relay/access/jwt/link.h).
  std::string keys_file;  // "" = none
  std::shared_ptr<const NamedKeys> named_keys;
  std::string link_key_file;  // "" = none are taken
  std::shared_ptr<const jwt::LinkKeys> link_keys;

  // Whoever tries keys (relay/access/key_pause.h), and who is not let in (relay/access/bans.h).
  std::size_t wrong_keys = 20;  // of one address
  std::chrono::milliseconds wrong_keys_window{10'000};
  std::size_t max_paused = 100'000;  // addresses that are counted
  std::vector<std::string> bans;     // addresses and identities
  std::size_t max_bans = 10'000;     // besides these

  // Plain TCP (relay/base/tcp_point.h).
  std::vector<TcpPoint> tcp_points;
  std::size_t max_tcp = 1'000;  // connections to each

  // How streams behave.
  bool takeover = false;  // a second publisher replaces the first
  std::chrono::milliseconds linger{10'000};
  std::chrono::milliseconds max_lag{3'000};
  std::chrono::milliseconds stall_timeout{30'000};
  std::chrono::milliseconds keyframe_every{1'000};  // asked of a publisher; 0 = none is asked
  std::size_t ring_bytes = 32u << 20;               // per rendition
  std::chrono::milliseconds ring_age{30'000};
  std::chrono::milliseconds ping_interval{20'000};

  // Derived renditions (codec).
  std::chrono::milliseconds codec_idle{10'000};  // kept so long after the last viewer
  std::size_t max_derived = 1'000;               // at a time, on each loop
  bool no_transcode = false;                     // what does not fit an output is refused
  std::size_t max_transcodes = 16;               // streams encoded at a time, on each loop
  unsigned transcode_quality = 70;               // 1 to 100, where transcode_kbps is 0
  unsigned transcode_kbps = 0;
  unsigned transcode_max_height = 1'080;

  // HLS (relay/hls).
  std::chrono::milliseconds hls_segment{2'000};
  std::chrono::milliseconds hls_part{200};
  std::chrono::milliseconds hls_window{30'000};  // that a playlist lists
  std::size_t hls_bytes = 64u << 20;             // kept of one stream
  std::size_t max_hls_waiting = 10'000;          // requests of one stream

  // Passing streams on (relay/base/restream.h).
  std::vector<RestreamTarget> restreams;
  std::size_t max_restreams = 100;  // at a time, on each loop; each is a process

  // Recording (relay/record).
  std::vector<std::string> record;  // streams recorded unasked: "all", or names with *
  std::string record_dir;           // "" = nothing is ever written
  std::string record_name = "%path/%Y-%m-%d_%H-%M-%S";
  std::chrono::milliseconds record_segment_time{0};  // 0 = one file for all
  std::size_t record_segment_bytes = 0;
  std::chrono::milliseconds record_keep{0};    // 0 = for ever
  std::size_t record_max_bytes = 0;            // 0 = as much as there is room
  std::size_t record_inbox_bytes = 32u << 20;  // of one stream, waiting for the disk
  std::size_t max_cuts = 16;  // ranges that are being cut out, or sent; each is a file
  std::size_t cut_bytes = std::size_t{4} << 30;  // of all of them, but for one that is larger alone

  // Recordings that leave the box (relay/base/upload.h).
  std::string upload_url;  // a pattern (relay/fetch/upload_url.h); "" = they stay
  std::string upload_endpoint;
  std::string upload_region = "us-east-1";
  std::string upload_keys_file;         // "" = the environment's
  bool upload_then_remove = false;      // the file goes once the server has it
  std::size_t upload_parallel = 1;      // files at a time
  std::size_t upload_rate = 0;          // bytes per second of all together; 0 = as it goes
  std::size_t upload_part = 64u << 20;  // S3: bytes of a part, of files that are larger
  std::size_t upload_queue = 10'000;    // in memory; what is more is found on the disk
  std::chrono::milliseconds upload_timeout{60'000};      // while nothing moves
  std::chrono::milliseconds upload_give_up{86'400'000};  // after the first try
  std::shared_ptr<UploadSink> uploads;                   // null = they stay

  // Lossless capture (relay/streams/capture_session.h): of one stream, on their way into the file.
  std::size_t capture_inbox_bytes = 64u << 20;
  std::size_t capture_frames = 16;

  // Films of pages (relay/render).
  bool render = false;
  std::vector<std::string> render_origins;  // pages of these are opened; all else is sent as HTML
  std::string render_chromium;              // "" = found by its name
  std::size_t render_jobs = 1;              // at a time
  std::size_t render_queue = 16;            // that wait
  std::size_t render_workers = 2;           // browsers of one film
  std::size_t render_kept = 1'000;          // films that are over, in the list
  std::size_t render_body_bytes = 16u << 20;
  std::size_t render_bytes = std::size_t{8} << 30;  // of one film
  std::chrono::milliseconds render_time{3'600'000};

  // Events (relay/base/event.h).
  bool viewer_events = false;  // also each viewer that comes and goes
  std::size_t event_history = 1'000;
  std::size_t max_event_streams = 100;    // that follow at /api/v1/events
  std::shared_ptr<EventSink> event_sink;  // null = none
  std::string webhook;                    // a URL; "" = none
  std::string webhook_secret_file;
  std::string state_dir;  // "" = as the environment says
  std::size_t webhook_queue_bytes = 64u << 20;
  std::chrono::milliseconds webhook_timeout{10'000};     // of one try
  std::chrono::milliseconds webhook_give_up{3'600'000};  // an event that could not be delivered

  ClusterConfig cluster;
  // What tells those who speak here from those of other servers; "" = there are none.
  std::string sender_suffix() const { return cluster.on() ? "@" + cluster.node : ""; }

  // How much of everything.
  unsigned loops = 0;             // 0 = one per core
  std::size_t loop_fill = 2'000;  // connections of one before the next gets any (loop_roster.h)
  Limits limits;
  // What a publisher may keep in flight; also what of it may be on its way to another loop.
  std::size_t unacked_bytes = 4u << 20;
  std::size_t side_text_bytes = 4u << 10;         // one text of the side channel, as JSON
  std::size_t side_texts_per_second = 5;          // of one connection
  std::size_t stream_side_texts_per_second = 50;  // of all of a stream's
  std::size_t chat_history = 0;                   // texts that who joins is given
  std::size_t max_muted = 1'000;                  // senders that one stream's publisher has muted
  std::size_t max_streams = 1'000;
  std::size_t max_viewers = 20'000;
  std::size_t max_connections_per_address = 10'000;
  std::chrono::milliseconds handshake_timeout{10'000};
  std::chrono::milliseconds authorize_timeout{5'000};  // until it is known who asks
  std::size_t max_authorizing = 1'000;                 // requests that wait for that
  std::chrono::milliseconds body_timeout{30'000};      // a request's body that sends nothing
  std::chrono::milliseconds half_closed_timeout{
      5'000};                                    // of a peer that has ended and takes nothing
  std::chrono::milliseconds lost_after{20'000};  // a peer whose network is gone
  std::size_t max_control = 64;   // requests of the control API that wait for loops, each for all
  std::size_t max_heads = 4'096;  // requests whose head is not complete: the oldest is cut
  std::size_t max_heads_per_address = 1'024;
  std::size_t max_unfinished_bytes = 256u << 20;  // of all messages not complete yet
  std::size_t echo_bytes = 32u << 20;             // of all messages on /echo
  std::size_t head_bytes = 8u << 10;              // of one request
  std::size_t send_buffer_bytes = 112u << 10;  // SO_SNDBUF: what the kernel holds for a slow viewer
  bool no_io_uring = false;                    // each viewer is written to by itself
  std::size_t write_bytes = 256u << 10;        // at most so much is joined into one write
  std::size_t turn_bytes = 16u << 20;  // written in one turn of a loop; a write counts 4 KiB more
  std::chrono::milliseconds drain_timeout{4'000};
};

}  // namespace framewire::relay
