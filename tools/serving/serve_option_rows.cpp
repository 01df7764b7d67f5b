// The table of options: names, ranges, help. How they are read is in serve_options.cpp.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <utility>

#include "relay/access/counted_address.h"
#include "relay/access/origin_pattern.h"
#include "relay/access/trusted_proxies.h"
#include "relay/base/stream_name.h"
#include "relay/record/names.h"
#include "tools/serving/option_row_kinds.h"
#include "tools/serving/serve_cluster_rows.h"
#include "tools/serving/serve_event_rows.h"
#include "tools/serving/serve_hook_rows.h"
#include "tools/serving/serve_limit_rows.h"
#include "tools/serving/serve_options.h"
#include "tools/serving/serve_render_rows.h"
#include "tools/serving/serve_tcp_rows.h"
#include "tools/serving/serve_token_rows.h"
#include "tools/serving/serve_upload_rows.h"

namespace framewire::cli {
namespace {

using relay::Config;
using std::chrono::milliseconds;
using namespace std::chrono_literals;
using Kind = OptionRow::Kind;

std::string check_key(std::string_view key) {
  const bool visible =
      std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 127; });
  if (key.empty() || key.size() > 512 || !visible) {
    return "a key is 1 to 512 ASCII characters without blanks";
  }
  return {};
}

std::string check_origin(std::string_view origin) {
  return relay::why_no_origin(origin);
}

std::string check_host(std::string_view host) {
  const bool good =
      !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
      });
  if (good) return {};
  return fmt::format("\"{}\" is no name of a host, as cam.example.org is: no scheme, no port",
                     host);
}

std::string check_ban(std::string_view who) {
  const bool plain = std::none_of(who.begin(), who.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == 0x7f;
  });
  if (who.find('/') != std::string_view::npos && !relay::counted_network(who) &&
      relay::why_no_network(who).empty())
    return "of networks only a /64 of IPv6 is banned whole; else an address, or a name, is "
           "expected";
  if (!who.empty() && who.size() <= 512 && plain) return {};
  return "an address, or a name of 1 to 512 bytes, is expected";
}

std::string check_record(std::string_view pattern) {
  if (pattern == "all" || relay::is_stream_pattern(pattern)) return {};
  return fmt::format("\"{}\" is neither all nor a stream's name, in which * stands for anything",
                     pattern);
}

OptionRow restream_row() {
  return {
      "restream",
      "NAME=URL",
      {},
      "Pass streams of this name (as for --record) on to an rtmp://, rtmps:// or srt:// server; "
      "%path in URL = the stream's name. Repeatable. A URL with a key is safer in the "
      "environment or the file",
      {},
      Kind::list,
      [](ServeSettings& to, Texts texts) -> Parsed<void> {
        to.config.restreams.clear();
        for (const std::string& text : texts) {
          auto target = relay::parse_restream(text);
          if (!target) return tl::make_unexpected(target.error().what);
          to.config.restreams.push_back(*std::move(target));
        }
        return {};
      }};
}

OptionRow record_dir_row() {
  return {"record-dir",
          "DIR",
          {},
          "Where recordings are kept, and made when a publisher, the API or --record asks for one; "
          "without it nothing is recorded",
          {},
          Kind::value,
          [](ServeSettings& to, Texts texts) -> Parsed<void> {
            if (texts[0].empty()) return tl::make_unexpected("a folder is missing");
            to.config.record_dir = texts[0];
            return {};
          }};
}

OptionRow record_name_row() {
  return {"record-name",
          "PATTERN",
          {},
          "Names of files below --record-dir: %path = the stream's name, the rest as in strftime, "
          "UTC",
          Config{}.record_name,
          Kind::value,
          [](ServeSettings& to, Texts texts) -> Parsed<void> {
            const std::time_t some_time = 1'700'000'000;
            if (auto name = relay::expand_name(texts[0], "a/stream", some_time); !name)
              return tl::make_unexpected(name.error().what);
            to.config.record_name = texts[0];
            return {};
          }};
}

OptionRow listen_row() {
  const Config defaults;
  return {"listen",
          "HOST:PORT",
          {},
          "Where to listen; port 0 = any free one. [::1]:8080 for IPv6, a port alone for 127.0.0.1",
          format_address({defaults.host, defaults.port}),
          Kind::value,
          [](ServeSettings& to, Texts texts) -> Parsed<void> {
            auto address = parse_address(texts[0]);
            if (!address) return tl::make_unexpected(address.error());
            to.config.host = std::move(address->host);
            to.config.port = address->port;
            return {};
          }};
}

std::vector<OptionRow> access_rows() {
  return {
      fixed(listen_row()),
      toggle(
          "open", [](Config& c) -> bool& { return c.open; },
          "Let anyone publish although the address is public"),
      list(
          "publish-key", "KEY",
          [](Config& c) -> std::vector<std::string>& { return c.publish_keys; }, check_key,
          "Only holders of a key may publish. Repeatable. Safer in the environment or the file: "
          "a command line is seen by every user of the machine"),
      list(
          "watch-key", "KEY", [](Config& c) -> std::vector<std::string>& { return c.watch_keys; },
          check_key, "Only holders of a key may watch. Repeatable"),
      list(
          "allow-origin", "ORIGIN",
          [](Config& c) -> std::vector<std::string>& { return c.allowed_origins; }, check_origin,
          "Pages of this site may connect too, e.g. https://example.com or https://*.example.org; "
          "* = all. Repeatable"),
      list(
          "host", "NAME", [](Config& c) -> std::vector<std::string>& { return c.hosts; },
          check_host,
          "A name that this server is asked by, e.g. cam.example.org. Without a publish key and "
          "TLS "
          "only these, addresses, localhost and *.local are served. Repeatable"),
      list(
          "trust-proxy", "ADDRESS",
          [](Config& c) -> std::vector<std::string>& { return c.trusted_proxies; },
          relay::why_no_network,
          "A proxy in front, or a network of them (10.0.0.0/8), that says by X-Forwarded-For or "
          "the "
          "PROXY protocol (v2) whose request it passes on: for the log and the limits of each "
          "address. Repeatable"),
      list(
          "ban", "WHO", [](Config& c) -> std::vector<std::string>& { return c.bans; }, check_ban,
          "Let nobody in from this address (IPv6: its /64 network), or by this name (of a key, a "
          "token's sub, what --auth-url says). Repeatable"),
      fixed_whether(file(
          "tls-cert", [](Config& c) -> std::string& { return c.tls_cert; },
          "Certificate chain (PEM): serve HTTPS")),
      fixed_whether(file(
          "tls-key", [](Config& c) -> std::string& { return c.tls_key; },
          "Its private key (PEM, no passphrase)")),
      fixed(toggle(
          "tls-self-signed", [](Config& c) -> bool& { return c.tls_self_signed; },
          "Serve HTTPS with a certificate made at start, for cameras on a LAN")),
  };
}

std::vector<OptionRow> stream_rows() {
  return {
      toggle(
          "takeover", [](Config& c) -> bool& { return c.takeover; },
          "A second publisher of a stream replaces the first, instead of being refused"),
      duration(
          "linger", [](Config& c) -> milliseconds& { return c.linger; }, 0s, 10min,
          "How long a stream waits for a lost publisher"),
      duration(
          "max-lag", [](Config& c) -> milliseconds& { return c.max_lag; }, 100ms, 10min,
          "A viewer further behind skips to the newest keyframe"),
      duration(
          "stall-timeout", [](Config& c) -> milliseconds& { return c.stall_timeout; }, 1s, 1h,
          "A viewer that takes nothing for so long is closed"),
      fixed(duration(
          "keyframe-every", [](Config& c) -> milliseconds& { return c.keyframe_every; }, 0s, 1min,
          "A publisher that makes keyframes when it is asked, as pages do, is asked for one when "
          "somebody joins, at most so often; 0ms = never")),
      size(
          "ring-size", [](Config& c) -> std::size_t& { return c.ring_bytes; }, 64 * kKiB, 4 * kGiB,
          "Recent media kept per stream and format, at most"),
      duration(
          "ring-age", [](Config& c) -> milliseconds& { return c.ring_age; }, 1s, 1h,
          "and not older than this"),
      duration(
          "codec-idle", [](Config& c) -> milliseconds& { return c.codec_idle; }, 0s, 1h,
          "How long another format of a stream (/live/NAME.mp4) is made after its last viewer"),
      toggle(
          "no-transcode", [](Config& c) -> bool& { return c.no_transcode; },
          "Refuse formats that cannot hold what was published, instead of encoding H.264 and AAC"),
      count<unsigned>(
          "transcode-quality", [](Config& c) -> unsigned& { return c.transcode_quality; }, 1, 100,
          "Of encoded video, 100 = best"),
      count<unsigned>(
          "transcode-kbps", [](Config& c) -> unsigned& { return c.transcode_kbps; }, 0, 100'000,
          "Encode video at this bitrate, whatever its quality; 0 = by --transcode-quality"),
      count<unsigned>(
          "transcode-max-height", [](Config& c) -> unsigned& { return c.transcode_max_height; },
          120, 4'320, "Higher pictures are made smaller before they are encoded"),
      duration(
          "ping-interval", [](Config& c) -> milliseconds& { return c.ping_interval; }, 1s, 10min,
          "Time between pings to each WebSocket"),
  };
}

std::vector<OptionRow> hls_rows() {
  return {
      duration(
          "hls-segment", [](Config& c) -> milliseconds& { return c.hls_segment; }, 1s, 1min,
          "HLS: a segment ends at the first keyframe after so long, and after twice as long at the "
          "latest"),
      duration(
          "hls-part", [](Config& c) -> milliseconds& { return c.hls_part; }, 100ms, 2s,
          "HLS: length of a partial segment, for low-latency players; more if pictures are rare"),
      duration(
          "hls-window", [](Config& c) -> milliseconds& { return c.hls_window; }, 10s, 24h,
          "HLS: how far back a player can seek"),
      size(
          "hls-size", [](Config& c) -> std::size_t& { return c.hls_bytes; }, kMiB, 64 * kGiB,
          "HLS: media kept of one stream, at most; the window, and as much again for players that "
          "are behind, should fit"),
      count<std::size_t>(
          "hls-waiting", [](Config& c) -> std::size_t& { return c.max_hls_waiting; }, 1, 1'000'000,
          "HLS: requests that may wait for the next part of one stream"),
  };
}

std::vector<OptionRow> restream_rows() {
  return {
      restream_row(),
      count<std::size_t>(
          "max-restreams", [](Config& c) -> std::size_t& { return c.max_restreams; }, 1, 10'000,
          "Streams passed on at a time, times the servers each goes to, by each loop"),
  };
}

std::vector<OptionRow> recording_rows() {
  return {
      fixed(record_dir_row()),
      list(
          "record", "STREAM", [](Config& c) -> std::vector<std::string>& { return c.record; },
          check_record,
          "Record these unasked: all, or a name, in which * stands for anything. "
          "Repeatable"),
      fixed(record_name_row()),
      fixed(duration(
          "record-segment-time", [](Config& c) -> milliseconds& { return c.record_segment_time; },
          0s, 24h, "Begin another file at the first keyframe after so long; 0ms = one file")),
      fixed(size(
          "record-segment-size", [](Config& c) -> std::size_t& { return c.record_segment_bytes; },
          0, 1024 * kGiB, "or so many bytes; 0 = one file")),
      fixed(duration(
          "record-keep", [](Config& c) -> milliseconds& { return c.record_keep; }, 0s, 87'600h,
          "Delete recordings so long after their end; 0ms = keep them")),
      fixed(size(
          "record-max-size", [](Config& c) -> std::size_t& { return c.record_max_bytes; }, 0,
          1024 * 1024 * kGiB, "Delete the oldest recordings when all take more; 0 = keep them")),
      fixed(size(
          "record-inbox", [](Config& c) -> std::size_t& { return c.record_inbox_bytes; }, kMiB,
          4 * kGiB,
          "Media of one stream that may wait for the disk; what is more is left out of the "
          "recording")),
      fixed(count<std::size_t>(
          "max-cuts", [](Config& c) -> std::size_t& { return c.max_cuts; }, 1, 10'000,
          "Ranges of recordings that are being cut out, or sent, at a time; then 503")),
      fixed(size(
          "cut-size", [](Config& c) -> std::size_t& { return c.cut_bytes; }, kMiB,
          1024 * 1024 * kGiB,
          "Room on the disk for all of these; one alone may be larger. Each takes its place until "
          "its client has read it")),
      size(
          "capture-inbox", [](Config& c) -> std::size_t& { return c.capture_inbox_bytes; }, kMiB,
          4 * kGiB,
          "Frames of one lossless capture on their way into its file: as many as fit, at least 6, "
          "are granted to the publisher at a time"),
      count<std::size_t>(
          "capture-frames", [](Config& c) -> std::size_t& { return c.capture_frames; }, 6, 1000,
          "And at most so many"),
  };
}

}  // namespace

const std::vector<OptionRow>& serve_option_rows() {
  static const std::vector<OptionRow> rows = [] {
    std::vector<OptionRow> all;
    const std::pair<const char*, std::vector<OptionRow>> groups[] = {
        {"Address and access", access_rows()},
        {"Keys with rights, and tokens", token_rows()},
        {"Login server", hook_rows()},
        {"Plain TCP", tcp_rows()},
        {"Streams", stream_rows()},
        {"HLS", hls_rows()},
        {"Restreaming", restream_rows()},
        {"Recording", recording_rows()},
        {"Uploading recordings", upload_rows()},
        {"Films of pages", render_rows()},
        {"Events", event_rows()},
        {"Cluster", cluster_rows()},
        {"Limits", limit_rows()},
        {"Running", running_rows()},
    };
    for (const auto& [group, group_rows] : groups) {
      for (OptionRow row : group_rows) {
        row.group = group;
        all.push_back(std::move(row));
      }
    }
    return all;
  }();
  return rows;
}

}  // namespace framewire::cli
