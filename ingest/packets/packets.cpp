#include "ingest/packets/packets.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>

namespace framewire {
namespace {

using nlohmann::json;

constexpr std::uint8_t kVersion = 1;
constexpr std::byte kConfigKind{1};
constexpr std::byte kPacketKind{2};
constexpr std::byte kKey{1};
constexpr std::size_t kHeadBytes = 8;    // length, kind, track, flags
constexpr std::size_t kPacketHead = 20;  // with pts and duration
constexpr std::size_t kMaxCodecLength = 64;

tl::unexpected<Error> malformed(std::string what, std::size_t at) {
  return fail(Errc::malformed_media, std::move(what), at);
}

bool is_codec_string(std::string_view text) {
  return !text.empty() && text.size() <= kMaxCodecLength &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_';
         });
}

std::uint32_t number_of(const json& config, const char* name) {
  const auto found = config.find(name);
  return found != config.end() && found->is_number_unsigned() &&
                 found->get<std::uint64_t>() <= UINT32_MAX
             ? found->get<std::uint32_t>()
             : 0;
}

struct Named {
  std::string_view name;  // of WebCodecs' VideoColorSpaceInit
  std::uint8_t code;      // of H.273
};
constexpr Named kPrimaries[] = {
    {"bt709", 1}, {"bt470bg", 5}, {"smpte170m", 6}, {"bt2020", 9}, {"smpte432", 12}};
constexpr Named kTransfers[] = {{"bt709", 1},         {"smpte170m", 6}, {"linear", 8},
                                {"iec61966-2-1", 13}, {"pq", 16},       {"hlg", 18}};
constexpr Named kMatrices[] = {
    {"rgb", 0}, {"bt709", 1}, {"bt470bg", 5}, {"smpte170m", 6}, {"bt2020-ncl", 9}};

// What is not known counts as not said.
std::uint8_t code_of(const json& colour, const char* member, std::span<const Named> names) {
  const auto found = colour.find(member);
  if (found == colour.end() || !found->is_string()) return 2;
  for (const Named& named : names)
    if (named.name == found->get_ref<const std::string&>()) return named.code;
  return 2;
}

PacketsColour colour_of(const json& config) {
  PacketsColour out;
  const auto colour = config.find("colorSpace");
  if (colour == config.end() || !colour->is_object()) return out;
  out.primaries = code_of(*colour, "primaries", kPrimaries);
  out.transfer = code_of(*colour, "transfer", kTransfers);
  out.matrix = code_of(*colour, "matrix", kMatrices);
  if (const auto range = colour->find("fullRange"); range != colour->end() && range->is_boolean())
    out.full_range = range->get<bool>();
  return out;
}

void append_head(Buffer& to, std::size_t rest, std::byte kind, std::uint8_t track,
                 std::byte flags) {
  const std::size_t at = to.size();
  to.resize(at + kHeadBytes);
  store_be(to.data() + at, static_cast<std::uint32_t>(kHeadBytes - kPacketsLengthBytes + rest));
  to[at + 4] = kind;
  to[at + 5] = std::byte{track};
  to[at + 6] = flags;
}

}  // namespace

bool begins_packets(Bytes bytes) {
  return as_text(bytes).starts_with(kPacketsMagic);
}

Result<std::uint8_t> read_packets_header(Bytes header) {
  if (!begins_packets(header)) return malformed("no header of packets", 0);
  if (header[4] != std::byte{kVersion})
    return malformed(
        fmt::format("version {} of the packets format", std::to_integer<int>(header[4])), 4);
  const auto tracks = std::to_integer<std::uint8_t>(header[5]);
  if (tracks == 0) return malformed("packets of no track", 5);
  return tracks;
}

std::uint64_t packets_record_bytes(Bytes start) {
  return std::uint64_t{load_be<std::uint32_t>(start)} + kPacketsLengthBytes;
}

bool is_packets_config(Bytes record) {
  return record.size() >= kHeadBytes && record[4] == kConfigKind;
}

Result<PacketsConfig> read_packets_config(Bytes record) {
  if (record.size() < kHeadBytes + 4 || record[4] != kConfigKind)
    return malformed("a record that should be a config", 4);
  const auto length = load_be<std::uint32_t>(record, kHeadBytes);
  const Bytes rest = record.subspan(kHeadBytes + 4);
  if (length > rest.size()) return malformed("a config whose JSON is longer than it", kHeadBytes);
  const json value = json::parse(as_text(rest.first(length)), nullptr, false);
  if (!value.is_object() || !value.contains("codec") || !value["codec"].is_string())
    return malformed("a config without a codec", kHeadBytes + 4);

  PacketsConfig out;
  out.track = std::to_integer<std::uint8_t>(record[5]);
  out.description = rest.subspan(length);
  out.info.codec = value["codec"].get<std::string>();
  if (!is_codec_string(out.info.codec))
    return malformed("a codec that is no codec string", kHeadBytes + 4);
  out.info.sample_rate = number_of(value, "sampleRate");
  out.info.channels = number_of(value, "numberOfChannels");
  out.info.width = number_of(value, "codedWidth");
  out.info.height = number_of(value, "codedHeight");
  out.info.kind = out.info.sample_rate > 0 ? TrackKind::audio : TrackKind::video;
  out.colour = colour_of(value);
  const bool planes = out.info.codec == kI420 || out.info.codec == kPackedI420;
  if (planes && !out.colour.said()) out.colour = kBt709Colour;
  return out;
}

Result<PacketsPacket> read_packets_packet(Bytes record) {
  if (record.size() < kPacketHead || record[4] != kPacketKind)
    return malformed("a record that is neither config nor packet", 4);
  PacketsPacket out;
  out.track = std::to_integer<std::uint8_t>(record[5]);
  out.key = (record[6] & kKey) == kKey;
  out.pts_us = load_be<std::int64_t>(record, kHeadBytes);
  out.duration_us = load_be<std::uint32_t>(record, kHeadBytes + 8);
  out.data = record.subspan(kPacketHead);
  if (out.data.empty()) return malformed("a packet that is empty", 0);
  return out;
}

void append_packets_header(Buffer& to, std::uint8_t tracks) {
  append(to, as_bytes(kPacketsMagic));
  for (const std::uint8_t byte : {kVersion, tracks, std::uint8_t{0}, std::uint8_t{0}})
    to.push_back(std::byte{byte});
}

void append_packets_config(Buffer& to, const PacketsConfig& config) {
  json value{{"codec", config.info.codec}};
  if (config.info.kind == TrackKind::audio) {
    value["sampleRate"] = config.info.sample_rate;
    value["numberOfChannels"] = config.info.channels;
  } else if (config.info.width > 0) {
    value["codedWidth"] = config.info.width;
    value["codedHeight"] = config.info.height;
  }
  const std::string text = value.dump();
  append_head(to, 4 + text.size() + config.description.size(), kConfigKind, config.track, {});
  const std::size_t at = to.size();
  to.resize(at + 4);
  store_be(to.data() + at, static_cast<std::uint32_t>(text.size()));
  append(to, as_bytes(text));
  append(to, config.description);
}

void append_packets_packet(Buffer& to, const PacketsPacket& packet) {
  append_head(to, kPacketHead - kHeadBytes + packet.data.size(), kPacketKind, packet.track,
              packet.key ? kKey : std::byte{0});
  const std::size_t at = to.size();
  to.resize(at + kPacketHead - kHeadBytes);
  store_be(to.data() + at, packet.pts_us);
  store_be(to.data() + at + 8, packet.duration_us);
  append(to, packet.data);
}

}  // namespace framewire
