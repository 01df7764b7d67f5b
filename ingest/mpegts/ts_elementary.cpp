#include "ingest/mpegts/ts_elementary.h"

#include "ingest/codecs/aac.h"
#include "ingest/codecs/codec_strings.h"
#include "ingest/codecs/hevc.h"

namespace framewire::ts {
namespace {

constexpr int kH264Sps = 7;
constexpr int kHevcSps = 33;
constexpr int kSpsBytes = 24;  // enough for profile, tier and level, emulation prevention included

int nal_unit_type(Codec codec, std::uint8_t first) {
  return codec == Codec::h264 ? first & 0x1f : (first >> 1) & 0x3f;
}

// 00 00 03 stands for 00 00 in a NAL unit.
Buffer without_emulation_prevention(Bytes nal) {
  Buffer out;
  int zeros = 0;
  for (const std::byte b : nal) {
    if (zeros >= 2 && b == std::byte{3}) {
      zeros = 0;
      continue;
    }
    zeros = b == std::byte{0} ? zeros + 1 : 0;
    out.push_back(b);
  }
  return out;
}

// HEVC SPS: NAL head(2) | ids(1) | profile, compatibility, constraints, level(12), as in an hvcC
// from its byte 1.
std::optional<std::string> hevc_codec_string_from_sps(Bytes nal) {
  const Buffer sps = without_emulation_prevention(nal);
  if (sps.size() < 15) return std::nullopt;
  Buffer hvcc{std::byte{1}};
  append(hvcc, Bytes{sps}.subspan(3, 12));
  return hevc_codec_string_from_hvcc(hvcc);
}

// ISO/IEC 14496-1, table 5, and RFC 6381: the object type names the codecs that have no better
// name.
std::string codec_name(Codec codec) {
  switch (codec) {
    case Codec::mpeg1_video:
      return "mp4v.6A";
    case Codec::mpeg2_video:
      return "mp4v.61";
    case Codec::mpeg4_video:
      return "mp4v.20";
    case Codec::h264:
      return "avc1";
    case Codec::hevc:
      return "hvc1";
    case Codec::mpeg1_audio:
      return "mp4a.6B";
    case Codec::mpeg2_audio:
      return "mp4a.69";
    case Codec::aac_adts:
    case Codec::aac_latm:
      return "mp4a.40.2";
    case Codec::ac3:
      return "ac-3";
    case Codec::eac3:
      return "ec-3";
    case Codec::opus:
      return "opus";
    case Codec::other:
      return "";
  }
  return "";
}

}  // namespace

std::optional<bool> KeyframeScan::feed(Bytes elementary) {
  std::optional<bool> key;
  const auto on_byte = [&](std::uint8_t byte, int) {
    if (codec_ == Codec::h264) {
      const int type = nal_unit_type(codec_, byte);
      if (type >= 1 && type <= 5) key = type == 5;  // slices; 5 is an IDR's
    } else if (codec_ == Codec::hevc) {
      const int type = nal_unit_type(codec_, byte);
      if (type < 32) key = type >= 16 && type <= 23;  // slices; IRAP
    } else {
      if (byte == 0xb3) key = true;   // sequence header
      if (byte == 0x00) key = false;  // a picture with none before it
    }
    return !key.has_value();
  };
  if (codec_ > Codec::hevc || codec_ == Codec::mpeg4_video) return false;
  codes_.scan(elementary, 1, on_byte);
  return key;
}

TrackScan::TrackScan(Codec codec) : codec_(codec) {
  info_.kind = kind_of(codec);
  info_.codec = codec_name(codec);
  known_ = codec != Codec::h264 && codec != Codec::hevc && codec != Codec::aac_adts;
}

void TrackScan::feed(Bytes elementary, bool pes_start) {
  if (known_) return;
  if (codec_ != Codec::aac_adts) return read_sps(elementary);
  const auto aac = pes_start ? read_adts_header(elementary) : std::nullopt;
  if (!aac) return;
  info_.codec = aac->codec;
  info_.sample_rate = aac->sample_rate;
  info_.channels = aac->channels;
  known_ = true;
}

void TrackScan::read_sps(Bytes elementary) {
  const int wanted = codec_ == Codec::h264 ? kH264Sps : kHevcSps;
  const int enough = codec_ == Codec::h264 ? 4 : kSpsBytes;
  codes_.scan(elementary, enough, [&](std::uint8_t byte, int distance) {
    if (distance == 0) {
      in_sps_ = nal_unit_type(codec_, byte) == wanted;
      sps_.clear();
    }
    if (in_sps_) sps_.push_back(std::byte{byte});
    known_ = in_sps_ && distance == enough - 1;
    return !known_;
  });
  if (!known_) return;
  const auto codec =
      codec_ == Codec::h264 ? avc_codec_string_from_sps(sps_) : hevc_codec_string_from_sps(sps_);
  if (codec) info_.codec = *codec;
}

}  // namespace framewire::ts
