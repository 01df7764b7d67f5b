#include "ingest/mp4/mp4_sample_entry.h"

#include <fmt/format.h>

#include <optional>

#include "ingest/base/try.h"
#include "ingest/codecs/aac.h"
#include "ingest/codecs/codec_strings.h"
#include "ingest/codecs/hevc.h"

namespace framewire::mp4 {
namespace {

// The descriptors of an esds: tag(1) length(1 to 4, 7 bits each) body, nested.
//   ES_Descriptor 3:  ES_ID(2) flags(1) [depends on(2)] [URL] [OCR(2)] | DecoderConfig ...
//   DecoderConfig 4:  object type(1) stream type(1) buffer(3) bit rates(8) | DecoderSpecificInfo 5
struct Descriptor {
  unsigned tag = 0;
  Bytes body;
};
std::optional<Descriptor> read_descriptor(Bytes bytes) {
  if (bytes.empty()) return std::nullopt;
  std::size_t length = 0;
  std::size_t at = 1;
  bool more = true;
  for (; more && at < bytes.size() && at <= 4; ++at) {
    const auto byte = std::to_integer<unsigned>(bytes[at]);
    length = (length << 7) | (byte & 0x7f);
    more = (byte & 0x80) != 0;
  }
  if (more || length > bytes.size() - at) return std::nullopt;
  return Descriptor{std::to_integer<unsigned>(bytes[0]), bytes.subspan(at, length)};
}

void read_esds(Bytes esds, TrackInfo& info) {
  if (esds.size() < 4) return;
  const auto es = read_descriptor(esds.subspan(4));  // version and flags
  if (!es || es->tag != 3 || es->body.size() < 3) return;
  const auto flags = std::to_integer<unsigned>(es->body[2]);
  std::size_t at = 3;
  if ((flags & 0x80) != 0) at += 2;
  if ((flags & 0x40) != 0 && at < es->body.size())
    at += 1 + std::to_integer<std::size_t>(es->body[at]);
  if ((flags & 0x20) != 0) at += 2;
  if (at > es->body.size()) return;
  const auto config = read_descriptor(es->body.subspan(at));
  if (!config || config->tag != 4 || config->body.size() < 13) return;
  const auto object_type = std::to_integer<unsigned>(config->body[0]);
  info.codec = fmt::format("mp4a.{:02X}", object_type);
  if (object_type != 0x40) return;
  const auto specific = read_descriptor(config->body.subspan(13));
  const auto aac =
      specific && specific->tag == 5 ? read_audio_specific_config(specific->body) : std::nullopt;
  info.codec = aac ? aac->codec : "mp4a.40.2";
  if (aac && aac->channels != 0) info.channels = aac->channels;
}

void read_codec_box(const Box& box, FourCc entry, TrackInfo& info) {
  std::optional<std::string> codec;
  switch (box.type) {
    case four_cc("avcC"):
      codec = avc_codec_string_from_avcc(box.body);
      break;
    case four_cc("hvcC"):
      codec = hevc_codec_string_from_hvcc(box.body);
      break;
    case four_cc("av1C"):
      codec = av1_codec_string(box.body);
      break;
    case four_cc("vpcC"):
      codec = vp9_codec_string_from_vpcc(box.body);
      break;
    case four_cc("esds"):
      return read_esds(box.body, info);
    default:
      return;
  }
  // Level 0 says "not known", and browsers take no such string.
  if (codec && box.type == four_cc("vpcC") && codec->substr(8, 2) == "00")
    codec->replace(8, 2, fmt::format("{:02}", vp9_level(info.width, info.height)));
  // avc3, hev1 and vp08 differ from avc1, hvc1 and vp09 in these four letters only.
  if (codec) info.codec = to_text(entry) + codec->substr(4);
}

std::string codec_of_entry(FourCc entry) {
  switch (entry) {
    case four_cc("Opus"):
      return "opus";
    case four_cc("fLaC"):
      return "flac";
    case four_cc(".mp3"):
      return "mp3";
    default:
      return to_text(entry);
  }
}

}  // namespace

// stsd:   version and flags(4) entries(4) | sample entry | ...
// visual: 6 + data reference(2) | 16 | width(2) height(2) | 50 | boxes from byte 78
// audio:  6 + data reference(2) | version(2) 6 | channels(2) bits(2) 4 rate(16.16) | boxes from 28
//         QuickTime's version 1 has 16 bytes more before the boxes, version 2 has 36
Result<TrackInfo> read_stsd(const Box& stsd, FourCc handler) {
  if (stsd.body.size() < 8)
    return fail(Errc::malformed_media, "an MP4 box 'stsd' that is too short", stsd.offset);
  BoxReader entries(stsd.body.subspan(8), stsd.body_offset + 8);
  ASSIGN_OR_RETURN(const auto entry, entries.next());
  TrackInfo info;
  if (!entry) return info;
  const Bytes body = entry->body;
  info.codec = codec_of_entry(entry->type);

  std::size_t boxes_at = body.size();
  if (handler == four_cc("vide")) {
    info.kind = TrackKind::video;
    boxes_at = 78;
  } else if (handler == four_cc("soun")) {
    info.kind = TrackKind::audio;
    boxes_at = 28;
  }
  if (body.size() < boxes_at)
    return fail(Errc::malformed_media,
                fmt::format("an MP4 sample entry '{}' that is too short", to_text(entry->type)),
                entry->offset);
  if (info.kind == TrackKind::video) {
    info.width = load_be<std::uint16_t>(body, 24);
    info.height = load_be<std::uint16_t>(body, 26);
  } else if (info.kind == TrackKind::audio) {
    info.channels = load_be<std::uint16_t>(body, 16);
    info.sample_rate = load_be<std::uint16_t>(body, 24);
    const auto version = load_be<std::uint16_t>(body, 8);
    boxes_at += version == 1 ? 16u : version == 2 ? 36u : 0u;
    if (boxes_at > body.size()) return info;
  }
  BoxReader boxes(body.subspan(boxes_at), entry->body_offset + boxes_at);
  while (true) {
    const auto box = boxes.next();
    // QuickTime ends such a list with four bytes of zero; what was read so far is enough.
    if (!box || !*box) return info;
    read_codec_box(**box, entry->type, info);
  }
}

}  // namespace framewire::mp4
