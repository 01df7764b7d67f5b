#include "tools/serving/serve_limit_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "tools/serving/option_row_kinds.h"

namespace framewire::cli {
namespace {

using relay::Config;
using std::chrono::milliseconds;
using namespace std::chrono_literals;
using Kind = OptionRow::Kind;

constexpr std::array<std::string_view, 6> kLogLevels = {"trace", "debug", "info",
                                                        "warn",  "error", "off"};

OptionRow log_level_row() {
  return {"log-level",
          "LEVEL",
          {},
          "trace, debug, info, warn, error or off; the log goes to stderr",
          ServeSettings{}.log_level,
          Kind::value,
          [](ServeSettings& to, Texts texts) -> Parsed<void> {
            if (std::find(kLogLevels.begin(), kLogLevels.end(), texts[0]) == kLogLevels.end()) {
              return tl::make_unexpected(
                  fmt::format("\"{}\" is none of {}", texts[0], fmt::join(kLogLevels, ", ")));
            }
            to.log_level = texts[0];
            return {};
          }};
}

OptionRow log_format_row() {
  return {"log-format",
          "FORMAT",
          {},
          "text, or json: an object with time, level and message in each line",
          ServeSettings{}.log_format,
          Kind::value,
          [](ServeSettings& to, Texts texts) -> Parsed<void> {
            if (texts[0] != "text" && texts[0] != "json")
              return tl::make_unexpected(fmt::format("\"{}\" is neither text nor json", texts[0]));
            to.log_format = texts[0];
            return {};
          }};
}

}  // namespace

std::vector<OptionRow> limit_rows() {
  return {
      size(
          "max-message", [](Config& c) -> std::size_t& { return c.limits.message_bytes; }, kKiB,
          kGiB, "One WebSocket message from a publisher"),
      count<std::size_t>(
          "max-fragments", [](Config& c) -> std::size_t& { return c.limits.message_fragments; }, 1,
          1'000'000, "WebSocket frames in one message"),
      size(
          "max-init", [](Config& c) -> std::size_t& { return c.limits.init_bytes; }, kKiB,
          64 * kMiB, "An init segment (all that is before the first picture)"),
      size(
          "max-element", [](Config& c) -> std::size_t& { return c.limits.element_bytes; }, kKiB,
          kGiB, "One block, fragment, tag, page or picture; not more than the ring"),
      count<std::uint32_t>(
          "max-tracks", [](Config& c) -> std::uint32_t& { return c.limits.tracks; }, 1, 64,
          "Tracks in one stream"),
      size(
          "max-junk", [](Config& c) -> std::size_t& { return c.limits.junk_bytes; }, kKiB, kGiB,
          "Bytes that belong to nothing, one after the other, before a stream is refused"),
      size(
          "unacked", [](Config& c) -> std::size_t& { return c.unacked_bytes; }, 64 * kKiB, kGiB,
          "What a publisher may have under way before it waits for an ack"),
      size(
          "text-size", [](Config& c) -> std::size_t& { return c.side_text_bytes; }, 64, 8 * kKiB,
          "One text of the side channel (chat, cues)"),
      count<std::size_t>(
          "text-rate", [](Config& c) -> std::size_t& { return c.side_texts_per_second; }, 0, 1'000,
          "Texts a second from one connection, twice as many at once; 0 = none"),
      count<std::size_t>(
          "stream-text-rate",
          [](Config& c) -> std::size_t& { return c.stream_side_texts_per_second; }, 0, 10'000,
          "Texts a second of all viewers of a stream, who share them; each goes to all of them"),
      count<std::size_t>(
          "chat-history", [](Config& c) -> std::size_t& { return c.chat_history; }, 0, 1'000,
          "Texts of the side channel that a viewer who joins is given, of each stream; 0 = none"),
      count<std::size_t>(
          "max-muted", [](Config& c) -> std::size_t& { return c.max_muted; }, 1, 1'000'000,
          "Senders that one publisher may have muted"),
      count<std::size_t>(
          "max-streams", [](Config& c) -> std::size_t& { return c.max_streams; }, 1, 1'000'000,
          "Streams at a time"),
      count<std::size_t>(
          "max-derived", [](Config& c) -> std::size_t& { return c.max_derived; }, 1, 1'000'000,
          "Other formats of streams made at a time, by each loop"),
      count<std::size_t>(
          "max-transcodes", [](Config& c) -> std::size_t& { return c.max_transcodes; }, 0, 10'000,
          "Streams encoded anew, and lossless captures, at a time, by each loop; each may take a "
          "core "
          "and 1 GiB"),
      count<std::size_t>(
          "max-viewers", [](Config& c) -> std::size_t& { return c.max_viewers; }, 1, 1'000'000,
          "Viewers at a time, of all streams"),
      count<std::size_t>(
          "max-connections-per-address",
          [](Config& c) -> std::size_t& { return c.max_connections_per_address; }, 1, 1'000'000,
          "Connections from one IP address (an IPv6 /64 network)"),
      fixed(duration(
          "handshake-timeout", [](Config& c) -> milliseconds& { return c.handshake_timeout; }, 1s,
          10min, "Time for TLS and the request's headers")),
      size(
          "max-head", [](Config& c) -> std::size_t& { return c.head_bytes; }, kKiB, 256 * kKiB,
          "A request's line and headers"),
      count<std::size_t>(
          "max-heads", [](Config& c) -> std::size_t& { return c.max_heads; }, 1, 1'000'000,
          "Requests whose headers have not all come yet; beyond, the oldest is cut off"),
      count<std::size_t>(
          "max-heads-per-address",
          [](Config& c) -> std::size_t& { return c.max_heads_per_address; }, 1, 1'000'000,
          "The same, of one IP address"),
      count<std::size_t>(
          "wrong-keys", [](Config& c) -> std::size_t& { return c.wrong_keys; }, 1, 1'000'000,
          "Wrong keys, tokens and links of one IP address (an IPv6 /64 network) within "
          "--wrong-keys-window; then none of it are looked at for as long"),
      duration(
          "wrong-keys-window", [](Config& c) -> milliseconds& { return c.wrong_keys_window; }, 1s,
          24h, "The time that they are counted in"),
      count<std::size_t>(
          "max-paused", [](Config& c) -> std::size_t& { return c.max_paused; }, 1, 10'000'000,
          "Addresses whose wrong keys are counted; beyond, one is forgotten"),
      count<std::size_t>(
          "max-bans", [](Config& c) -> std::size_t& { return c.max_bans; }, 1, 1'000'000,
          "Bans besides those of --ban"),
      duration(
          "authorize-timeout", [](Config& c) -> milliseconds& { return c.authorize_timeout; }, 1s,
          10min,
          "Time to find out whether a request may be, where this server has to ask; then it is "
          "refused"),
      count<std::size_t>(
          "max-authorizing", [](Config& c) -> std::size_t& { return c.max_authorizing; }, 1,
          1'000'000, "Requests that wait for that at a time; beyond, they are refused"),
      count<std::size_t>(
          "max-control", [](Config& c) -> std::size_t& { return c.max_control; }, 1, 10'000,
          "Requests of the control API at a time; beyond, they are refused"),
      size(
          "max-unfinished", [](Config& c) -> std::size_t& { return c.max_unfinished_bytes; }, kMiB,
          64 * kGiB,
          "What all publishers may hold of messages that are not complete, and as much again all "
          "others of requests that wait and of texts"),
      size(
          "max-echo", [](Config& c) -> std::size_t& { return c.echo_bytes; }, kKiB, 16 * kGiB,
          "What all connections to /echo may hold together"),
      duration(
          "body-timeout", [](Config& c) -> milliseconds& { return c.body_timeout; }, 1s, 24h,
          "A PUT or POST that sends nothing for so long is ended, and so is its stream"),
      duration(
          "half-closed-timeout", [](Config& c) -> milliseconds& { return c.half_closed_timeout; },
          100ms, 10min,
          "A client that has closed its side, and takes nothing for so long, is gone"),
      fixed(duration(
          "lost-after", [](Config& c) -> milliseconds& { return c.lost_after; }, 2s, 1h,
          "A peer whose machine or network does not answer for so long is gone")),
  };
}

std::vector<OptionRow> running_rows() {
  return {
      fixed(count<unsigned>(
          "loops", [](Config& c) -> unsigned& { return c.loops; }, 0, 256,
          "Threads that serve connections; 0 = one per core")),
      fixed(count<std::size_t>(
          "loop-fill", [](Config& c) -> std::size_t& { return c.loop_fill; }, 0, 1'000'000,
          "Connections that such a thread takes, unless it is half busy, before the next one gets "
          "any; 0 = spread them")),
      fixed(size(
          "send-buffer", [](Config& c) -> std::size_t& { return c.send_buffer_bytes; }, 4 * kKiB,
          64 * kMiB, "What the kernel may hold for a slow viewer")),
      size(
          "write-size", [](Config& c) -> std::size_t& { return c.write_bytes; }, kKiB, 16 * kMiB,
          "Media joined into one write, at most"),
      size(
          "turn-size", [](Config& c) -> std::size_t& { return c.turn_bytes; }, 64 * kKiB, kGiB,
          "What a thread writes before it looks at its sockets again; each write counts 4 KiB "
          "more"),
      fixed(toggle(
          "no-io-uring", [](Config& c) -> bool& { return c.no_io_uring; },
          "Write to each viewer by a system call of its own, where the kernel has io_uring too")),
      duration(
          "drain-timeout", [](Config& c) -> milliseconds& { return c.drain_timeout; }, 0s, 10min,
          "Time for connections to close after SIGTERM"),
      log_level_row(),
      fixed(log_format_row()),
  };
}

}  // namespace framewire::cli
