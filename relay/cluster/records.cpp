#include "relay/cluster/records.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "relay/base/secret.h"
#include "relay/cluster/epoch_text.h"

namespace framewire::relay {
namespace {

using nlohmann::json;

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<json> object_of(std::string_view text) {
  json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  return object;
}

template <class T>
T member(const json& object, const char* name, T otherwise = {}) {
  const auto found = object.find(name);
  if (found == object.end()) return otherwise;
  if constexpr (std::is_same_v<T, std::string>) {
    if (!found->is_string()) return otherwise;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!found->is_boolean()) return otherwise;
  } else {
    if (!found->is_number_integer()) return otherwise;
  }
  return found->template get<T>();
}

StreamState state_named(std::string_view name) {
  return name == to_string(StreamState::live) ? StreamState::live : StreamState::lingering;
}

json summary_json(const StreamSummary& of) {
  return {{"name", of.name},
          {"state", to_string(of.state)},
          {"title", of.title},
          {"epoch", of.epoch},
          {"viewers", of.viewers},
          {"received_bytes", of.received_bytes},
          {"started_ms", of.started_ms},
          {"info", epoch_json(of.info)}};
}

StreamSummary summary_of(const json& from) {
  StreamSummary out;
  out.name = member<std::string>(from, "name");
  out.state = state_named(member<std::string>(from, "state"));
  out.title = member<std::string>(from, "title");
  out.epoch = member<std::uint32_t>(from, "epoch");
  out.viewers = member<std::size_t>(from, "viewers");
  out.received_bytes = member<std::uint64_t>(from, "received_bytes");
  out.started_ms = member<std::int64_t>(from, "started_ms");
  if (const auto info = from.find("info"); info != from.end() && info->is_object())
    out.info = read_epoch(*info).value_or(EpochInfo{});
  return out;
}

json chat_json(const ChatOrder& chat) {
  json out{{"mutes", json::array()}, {"clear", chat.clear}};
  for (const MuteMessage& mute : chat.mutes)
    out["mutes"].push_back({{"sender", mute.sender}, {"muted", mute.muted}});
  if (chat.slow) out["slow_ms"] = chat.slow->count();
  return out;
}

ChatOrder chat_of(const json& from) {
  ChatOrder out;
  out.clear = member<bool>(from, "clear");
  if (from.contains("slow_ms")) out.slow = Duration{member<std::int64_t>(from, "slow_ms")};
  if (const auto mutes = from.find("mutes"); mutes != from.end() && mutes->is_array())
    for (const json& mute : *mutes)
      if (mute.is_object())
        out.mutes.push_back({member<std::string>(mute, "sender"), member<bool>(mute, "muted")});
  return out;
}

}  // namespace

std::string to_json(const NodeRecord& node) {
  return dump({{"node", node.node},
               {"url", node.url},
               {"public_url", node.public_url},
               {"region", node.region},
               {"version", node.version},
               {"viewers", node.viewers},
               {"streams", node.streams},
               {"draining", node.draining}});
}

std::optional<NodeRecord> read_node(std::string_view text) {
  const auto object = object_of(text);
  if (!object) return std::nullopt;
  NodeRecord out;
  out.node = member<std::string>(*object, "node");
  out.url = member<std::string>(*object, "url");
  out.public_url = member<std::string>(*object, "public_url");
  out.region = member<std::string>(*object, "region");
  out.version = member<std::string>(*object, "version");
  out.viewers = member<std::size_t>(*object, "viewers");
  out.streams = member<std::size_t>(*object, "streams");
  out.draining = member<bool>(*object, "draining");
  if (out.node.empty() || out.url.empty()) return std::nullopt;
  return out;
}

std::string to_json(const NameRecord& name) {
  return dump({{"node", name.node},
               {"url", name.url},
               {"token", name.token},
               {"connected", name.connected},
               {"stream", summary_json(name.summary)}});
}

std::optional<NameRecord> read_name(std::string_view text) {
  const auto object = object_of(text);
  if (!object) return std::nullopt;
  NameRecord out;
  out.node = member<std::string>(*object, "node");
  out.url = member<std::string>(*object, "url");
  out.token = member<std::string>(*object, "token");
  out.connected = member<bool>(*object, "connected");
  if (const auto stream = object->find("stream"); stream != object->end() && stream->is_object())
    out.summary = summary_of(*stream);
  if (out.node.empty()) return std::nullopt;
  return out;
}

std::string token_digest(std::string_view token) {
  if (token.empty()) return {};
  std::string out;
  for (const unsigned char byte : sha256(token)) out += fmt::format("{:02x}", byte);
  return out;
}

std::string to_json(const Order& order) {
  json out{{"from", order.from}};
  if (!order.stream.empty()) out["stream"] = order.stream;
  if (order.at_stream.stop) out["stop"] = true;
  if (order.at_stream.title) out["title"] = *order.at_stream.title;
  if (order.at_stream.chat) out["chat"] = chat_json(*order.at_stream.chat);
  if (!order.ban.empty()) out["ban"] = order.ban;
  return dump(out);
}

std::optional<Order> read_order(std::string_view text) {
  const auto object = object_of(text);
  if (!object) return std::nullopt;
  Order out;
  out.from = member<std::string>(*object, "from");
  out.stream = member<std::string>(*object, "stream");
  out.at_stream.stop = member<bool>(*object, "stop");
  if (object->contains("title")) out.at_stream.title = member<std::string>(*object, "title");
  if (const auto chat = object->find("chat"); chat != object->end() && chat->is_object())
    out.at_stream.chat = chat_of(*chat);
  out.ban = member<std::string>(*object, "ban");
  if (out.from.empty()) return std::nullopt;
  return out;
}

}  // namespace framewire::relay
