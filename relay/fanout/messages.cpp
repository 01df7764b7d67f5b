#include "relay/fanout/messages.h"

#include <nlohmann/json.hpp>

#include "relay/base/stream_name.h"
#include "relay/base/summary.h"

namespace framewire::relay {
namespace {

using nlohmann::json;

// Text from a publisher may hold what is no UTF-8 once it was cut; it is replaced, never thrown
// over.
std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json track_json(const TrackInfo& track) {
  json out{{"codec", track.codec}};
  switch (track.kind) {
    case TrackKind::video:
      out["kind"] = "video";
      out["width"] = track.width;
      out["height"] = track.height;
      break;
    case TrackKind::audio:
      out["kind"] = "audio";
      out["sample_rate"] = track.sample_rate;
      out["channels"] = track.channels;
      break;
    case TrackKind::other:
      out["kind"] = "other";
  }
  return out;
}

json summary_json(const StreamSummary& stream) {
  json tracks = json::array();
  for (const TrackInfo& track : stream.info.tracks) tracks.push_back(track_json(track));
  json out = {{"name", stream.name},
              {"title", stream.title},
              {"state", to_string(stream.state)},
              {"format", stream.epoch == 0 ? "" : to_string(stream.info.format)},
              {"mime", stream.info.mime},
              {"webm_mime", stream.info.has_webm_rendition ? stream.info.mime : ""},
              {"width", stream.info.width},
              {"height", stream.info.height},
              {"tracks", std::move(tracks)},
              {"epoch", stream.epoch},
              {"viewers", stream.viewers},
              {"received_bytes", stream.received_bytes},
              {"started_ms", stream.started_ms}};
  if (!stream.node.empty()) out["node"] = stream.node;
  if (stream.delay)
    out["delay"] = {{"reports", stream.delay->reports},
                    {"median_ms", stream.delay->median_ms},
                    {"p95_ms", stream.delay->p95_ms}};
  for (const RestreamState& at : stream.restreams)
    out["restreams"].push_back(
        {{"to", at.to}, {"state", to_string(at.phase)}, {"error", at.error}});
  for (const StreamWarning& told : stream.warnings)
    out["warnings"].push_back({{"code", told.code}, {"message", told.what}});
  return out;
}

}  // namespace

std::string_view to_string(StreamState state) {
  switch (state) {
    case StreamState::live:
      return "live";
    case StreamState::lingering:
      return "lingering";
    default:
      return "waiting";
  }
}

std::string streams_json(const std::vector<StreamSummary>& streams) {
  json list = json::array();
  for (const StreamSummary& stream : streams) list.push_back(summary_json(stream));
  return dump({{"streams", std::move(list)}}) + "\n";
}

std::string stream_json(const StreamSummary& stream) {
  return dump(summary_json(stream)) + "\n";
}

std::string_view rendition_name(Rendition rendition) {
  return rendition == Rendition::origin ? "origin" : "webm";
}

std::string waiting_message(std::string_view reason, const PartFacts* last) {
  json out{{"type", "waiting"}, {"reason", reason}};
  if (last) {
    out["epoch"] = last->epoch;
    out["next"] = last->sequence + 1;
  }
  return dump(out);
}

std::string stream_message(std::string_view stream, Rendition rendition, const Epoch& epoch,
                           std::uint64_t live_sequence) {
  json tracks = json::array();
  for (const TrackInfo& track : epoch.info.tracks) tracks.push_back(track_json(track));
  json out{{"type", "stream"},
           {"stream", origin_of(stream)},
           {"rendition", is_derived(stream) ? output_of(stream) : rendition_name(rendition)},
           {"format", to_string(epoch.info.format)},
           {"mime", epoch.info.mime},
           {"epoch", epoch.number},
           {"width", epoch.info.width},
           {"height", epoch.info.height},
           {"tracks", std::move(tracks)},
           {"live", live_sequence}};
  if (is_pictures(epoch.info.format)) {
    out["fps"] = epoch.info.fps;
    out["resize"] = to_string(epoch.info.resize);
  }
  return dump(out);
}

std::string skipped_message(std::string_view reason, std::uint64_t from, std::uint64_t to) {
  return dump({{"type", "skipped"}, {"reason", reason}, {"from", from}, {"to", to}});
}

std::string end_message(std::string_view reason) {
  return dump({{"type", "end"}, {"reason", reason}});
}

std::string ready_message(std::string_view stream, std::string_view token, std::string_view sender,
                          bool resumed, std::uint64_t next_sequence, bool keyframes,
                          const Config& config) {
  return dump({{"type", "ready"},
               {"stream", stream},
               {"token", token},
               {"sender", sender},
               {"resumed", resumed},
               {"sequence", next_sequence},
               {"keyframes", keyframes},
               {"limits",
                {{"message_bytes", config.limits.message_bytes},
                 {"unacked_bytes", config.unacked_bytes},
                 {"text_bytes", config.side_text_bytes}}}});
}

std::string ack_message(std::uint64_t sequence) {
  return dump({{"type", "ack"}, {"sequence", sequence}});
}

std::string keyframe_message() {
  return dump({{"type", "keyframe"}});
}

std::string warning_message(std::string_view code, std::string_view message) {
  return dump({{"type", "warning"}, {"code", code}, {"message", message}});
}

std::string token_message(std::optional<std::chrono::milliseconds> left) {
  json out{{"type", "token"}, {"valid_ms", nullptr}};
  if (left) out["valid_ms"] = left->count();
  return dump(out);
}

std::string rights_message(bool moderate, bool manage, bool server) {
  return dump({{"type", "rights"}, {"moderate", moderate}, {"manage", manage}, {"server", server}});
}

std::string sender_message(std::string_view sender) {
  return dump({{"type", "sender"}, {"sender", sender}});
}

std::string side_message(const SideStamp& stamp, const SideText& text) {
  std::string out = dump({{"type", "message"},
                          {"sender", stamp.sender},
                          {"role", stamp.publisher ? "publisher" : "viewer"},
                          {"name", text.name},
                          {"epoch", stamp.epoch},
                          {"pts", stamp.pts_us},
                          {"wall_ms", stamp.wall_ms}});
  out.pop_back();  // "user" and "data" are JSON already
  if (!text.user.empty()) out += ",\"user\":" + text.user;
  return out + ",\"data\":" + text.data + "}";
}

std::string say_message(std::string_view sender, const SideText& text) {
  return dump({{"type", "say"},
               {"sender", sender},
               {"name", text.name},
               {"user", text.user},
               {"whose", text.whose},
               {"data", text.data}});
}

std::string to_message(std::string_view sender, std::string_view text) {
  return dump({{"type", "to"}, {"sender", sender}, {"text", text}});
}

std::string clock_message(double sent, std::int64_t server_us) {
  return dump({{"type", "clock"}, {"sent", sent}, {"server_us", server_us}});
}

std::string title_message(std::string_view title) {
  return dump({{"type", "title"}, {"title", title}});
}

std::string still_message(bool still) {
  return dump({{"type", "still"}, {"still", still}});
}

std::string muted_message(std::string_view sender, bool muted) {
  return dump({{"type", "muted"}, {"sender", sender}, {"muted", muted}});
}

std::string slow_message(std::chrono::milliseconds interval) {
  return dump({{"type", "slow"}, {"interval_ms", interval.count()}});
}

std::string cleared_message() {
  return dump({{"type", "cleared"}});
}

std::string history_message(std::string_view message) {
  return R"({"history":true,)" + std::string{message.substr(1)};
}

std::string viewers_message(std::size_t count) {
  return dump({{"type", "viewers"}, {"count", count}});
}

std::string error_message(std::string_view code, std::string_view message, std::uint64_t offset,
                          std::optional<std::chrono::milliseconds> retry) {
  json out{{"type", "error"}, {"code", code}, {"message", message}, {"offset", offset}};
  if (retry) out["retry_ms"] = retry->count();
  return dump(out);
}

std::string http_error_body(std::string_view code, std::string_view message) {
  return dump({{"error", {{"code", code}, {"message", message}}}}) + "\n";
}

std::string recording_message(std::string_view state, std::string_view code,
                              std::string_view message) {
  json out{{"type", "recording"}, {"state", state}};
  if (!code.empty()) out["code"] = code;
  if (!message.empty()) out["message"] = message;
  return dump(out);
}

}  // namespace framewire::relay
