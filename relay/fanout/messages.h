// The JSON texts that the server sends (PROTOCOL.md). Pure: values in, text out.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/error.h"
#include "ingest/wire/side_text.h"
#include "relay/base/config.h"
#include "relay/base/summary.h"
#include "relay/fanout/part.h"

namespace framewire::relay {

std::string_view rendition_name(Rendition rendition);  // "origin", "webm"

// To viewers.
// `last`: the newest part of the stream that pauses; null = there is none. A viewer that is still
// given what was before knows by it that nobody is live.
std::string waiting_message(std::string_view reason, const PartFacts* last = nullptr);
std::string stream_message(std::string_view stream, Rendition rendition, const Epoch& epoch,
                           std::uint64_t live_sequence);
std::string skipped_message(std::string_view reason, std::uint64_t from, std::uint64_t to);
std::string end_message(std::string_view reason);

// To publishers.
std::string ready_message(std::string_view stream, std::string_view token, std::string_view sender,
                          bool resumed, std::uint64_t next_sequence, bool keyframes,
                          const Config& config);
std::string ack_message(std::uint64_t sequence);
std::string keyframe_message();

// To both.
std::string warning_message(std::string_view code, std::string_view message);
std::string sender_message(std::string_view sender);
struct SideStamp {
  std::string_view sender;
  bool publisher = false;
  std::uint32_t epoch = 0;  // 0 = nothing published yet
  std::int64_t pts_us = 0;  // of the newest part
  std::int64_t wall_ms = 0;
};
std::string side_message(const SideStamp& stamp, const SideText& text);
// sent: as the asker said it.
// From a node of a cluster to the stream's home: what one of its viewers says. sender: what it is
// called on all nodes.
std::string say_message(std::string_view sender, const SideText& text);
// And from there, for that one alone. text: JSON.
std::string to_message(std::string_view sender, std::string_view text);

std::string clock_message(double sent, std::int64_t server_us);
// left: how long the token is good; nullopt: for ever.
std::string token_message(std::optional<std::chrono::milliseconds> left);
// What a moderator may: the side channel, this stream, the whole server.
std::string rights_message(bool moderate, bool manage, bool server);
std::string title_message(std::string_view title);
std::string still_message(bool still);
std::string muted_message(std::string_view sender, bool muted);
std::string slow_message(std::chrono::milliseconds interval);
std::string cleared_message();
// message: a `message` text that somebody who joins later is given.
std::string history_message(std::string_view message);
std::string viewers_message(std::size_t count);
// retry: sooner it is refused again.
std::string error_message(std::string_view code, std::string_view message, std::uint64_t offset,
                          std::optional<std::chrono::milliseconds> retry = std::nullopt);

// /api/v1/streams and /api/v1/streams/{stream}.
std::string streams_json(const std::vector<StreamSummary>& streams);
std::string stream_json(const StreamSummary& stream);

// The body of an HTTP error.
std::string http_error_body(std::string_view code, std::string_view message);

// To a publisher: what becomes of its recording ("recording", "stopped", "failed").
std::string recording_message(std::string_view state, std::string_view code,
                              std::string_view message);

}  // namespace framewire::relay
