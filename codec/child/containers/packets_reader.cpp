#include "codec/child/containers/packets_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "ingest/base/try.h"

namespace framewire::codec {
namespace {

constexpr std::size_t kPacketsReadBytes = 64u << 10;
constexpr std::size_t kMaxRecord = 64u << 20;
constexpr std::uint64_t kMaxPackedPixels = 64u << 20;

// EBML element IDs (RFC 9559, section 5.1; RFC 8794).
enum Id : std::uint32_t {
  kEbml = 0x1A45DFA3,
  kDocType = 0x4282,
  kDocTypeVersion = 0x4287,
  kDocTypeReadVersion = 0x4285,
  kSegment = 0x18538067,
  kInfo = 0x1549A966,
  kTimestampScale = 0x2AD7B1,
  kTracks = 0x1654AE6B,
  kTrackEntry = 0xAE,
  kTrackNumber = 0xD7,
  kTrackUid = 0x73C5,
  kTrackType = 0x83,
  kCodecId = 0x86,
  kCodecPrivate = 0x63A2,
  kVideo = 0xE0,
  kPixelWidth = 0xB0,
  kPixelHeight = 0xBA,
  kUncompressedFourCc = 0x2EB524,
  kColour = 0x55B0,
  kMatrixCoefficients = 0x55B1,
  kRange = 0x55B9,
  kTransferCharacteristics = 0x55BA,
  kPrimaries = 0x55BB,
  kAudio = 0xE1,
  kSamplingFrequency = 0xB5,
  kChannels = 0x9F,
  kBitDepth = 0x6264,
  kCluster = 0x1F43B675,
  kTimestamp = 0xE7,
  kSimpleBlock = 0xA3,
};
constexpr std::byte kKeyframe{0x80};

void append_id(Buffer& to, Id id) {
  for (int shift = 24; shift >= 0; shift -= 8)
    if (const auto byte = static_cast<std::uint8_t>(id >> shift); id >> shift != 0)
      to.push_back(std::byte{byte});
}
// An 8-byte length, which needs no look at what follows.
void append_size(Buffer& to, std::uint64_t size) {
  const std::size_t at = to.size();
  to.resize(at + 8);
  store_be(to.data() + at, size | std::uint64_t{0x01} << 56);
}
void append_element(Buffer& to, Id id, Bytes payload) {
  append_id(to, id);
  append_size(to, payload.size());
  append(to, payload);
}
void append_number(Buffer& to, Id id, std::uint64_t value) {
  std::array<std::byte, 8> bytes{};
  store_be(bytes.data(), value);
  append_element(to, id, bytes);
}
void append_float(Buffer& to, Id id, double value) {
  append_number(to, id, std::bit_cast<std::uint64_t>(value));
}

struct CodecRow {
  std::string_view prefix;  // of the codec string
  const char* id;           // Matroska's
  const char* four_cc = nullptr;
  unsigned bit_depth = 0;
};
constexpr const char* kVfw = "V_MS/VFW/FOURCC";
constexpr CodecRow kCodecs[] = {
    {"vp8", "V_VP8"},
    {"vp09", "V_VP9"},
    {"vp9", "V_VP9"},
    {"av01", "V_AV1"},
    {"avc1", "V_MPEG4/ISO/AVC"},
    {"avc3", "V_MPEG4/ISO/AVC"},
    {"opus", "A_OPUS"},
    {"mp4a.40", "A_AAC"},
    {"mp3", "A_MPEG/L3"},
    {"vorbis", "A_VORBIS"},
    {"flac", "A_FLAC"},
    // Pictures, each whole, and sound as it is.
    {"jpeg", "V_MJPEG"},
    {"png", kVfw, "MPNG"},
    {"webp", kVfw, "WEBP"},
    {"rgba", "V_UNCOMPRESSED", "RGBA"},
    {kI420, "V_UNCOMPRESSED", "I420"},
    {"pcm-u8", "A_PCM/INT/LIT", nullptr, 8},
    {"pcm-s16", "A_PCM/INT/LIT", nullptr, 16},
    {"pcm-f32", "A_PCM/FLOAT/IEEE", nullptr, 32},
};

// BITMAPINFOHEADER, which has little-endian numbers.
Buffer bitmap_info(const TrackInfo& info, std::string_view four_cc) {
  constexpr std::uint32_t kSize = 40, kPlanesAndBits = 1 | 32 << 16;
  Buffer out;
  const auto append_le = [&](std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8)
      out.push_back(std::byte{static_cast<std::uint8_t>(value >> shift)});
  };
  for (const std::uint32_t value : {kSize, info.width, info.height, kPlanesAndBits})
    append_le(value);
  append(out, as_bytes(four_cc));
  out.resize(kSize);
  return out;
}

// RFC 7845, section 5.1: what a decoder is told of Opus when the page said nothing.
Buffer opus_head(const TrackInfo& info) {
  Buffer out;
  append(out, as_bytes("OpusHead"));
  for (const unsigned byte : {1u, info.channels, 0u, 0u, 0x80u, 0xBBu, 0u, 0u, 0u, 0u, 0u})
    out.push_back(std::byte{static_cast<std::uint8_t>(byte)});
  return out;
}

Buffer colour_of(const PacketsColour& colour) {
  Buffer out;
  append_number(out, kMatrixCoefficients, colour.matrix);
  if (colour.full_range) append_number(out, kRange, *colour.full_range ? 2 : 1);
  append_number(out, kTransferCharacteristics, colour.transfer);
  append_number(out, kPrimaries, colour.primaries);
  return out;
}

Result<Buffer> track_entry(const PacketsConfig& config) {
  const TrackInfo& info = config.info;
  const auto row = std::find_if(std::begin(kCodecs), std::end(kCodecs), [&](const CodecRow& codec) {
    return info.codec.starts_with(codec.prefix);
  });
  if (row == std::end(kCodecs))
    return fail(Errc::unsupported_format,
                fmt::format("packets of {} cannot be put into another container", info.codec));
  const bool video = info.kind == TrackKind::video;
  Buffer out;
  append_number(out, kTrackNumber, config.track + 1u);
  append_number(out, kTrackUid, config.track + 1u);
  append_number(out, kTrackType, video ? 1 : 2);
  append_element(out, kCodecId, as_bytes(row->id));
  Buffer own;
  if (info.codec == "opus" && config.description.empty()) own = opus_head(info);
  if (row->id == kVfw) own = bitmap_info(info, row->four_cc);
  const Bytes description = own.empty() ? config.description : Bytes{own};
  if (!description.empty()) append_element(out, kCodecPrivate, description);
  Buffer facts;
  if (video) {
    append_number(facts, kPixelWidth, std::max(info.width, 1u));
    append_number(facts, kPixelHeight, std::max(info.height, 1u));
    if (row->four_cc && own.empty())
      append_element(facts, kUncompressedFourCc, as_bytes(row->four_cc));
    if (config.colour.said()) append_element(facts, kColour, colour_of(config.colour));
  } else {
    append_float(facts, kSamplingFrequency, info.sample_rate);
    append_number(facts, kChannels, std::max(info.channels, 1u));
    if (row->bit_depth > 0) append_number(facts, kBitDepth, row->bit_depth);
  }
  append_element(out, video ? kVideo : kAudio, facts);
  return out;
}

}  // namespace

int PacketsReader::read(std::span<std::byte> to) {
  while (out_at_ == out_.size()) {
    out_.clear();
    out_at_ = 0;
    if (ended_) return from_ended_;
    const auto more = translate();
    if (!more) error_ = more.error();
    ended_ = !more || !*more;
  }
  const std::size_t size = std::min(to.size(), out_.size() - out_at_);
  std::memcpy(to.data(), out_.data() + out_at_, size);
  out_at_ += size;
  return static_cast<int>(size);
}

bool PacketsReader::fill(std::size_t wanted) {
  while (held_.size() < wanted) {
    const std::size_t had = held_.size();
    held_.resize(had + std::max(kPacketsReadBytes, wanted - had));
    const int got = from_(std::span{held_}.subspan(had));
    held_.resize(had + static_cast<std::size_t>(std::max(got, 0)));
    if (got > 0) continue;
    from_ended_ = got;
    return false;
  }
  return true;
}

Result<bool> PacketsReader::translate() {
  if (!fill(kPacketsHeaderBytes)) return false;
  if (!std::exchange(began_, true)) {
    RETURN_IF_ERROR(translate_header());
    return true;
  }
  if (begins_packets(held_)) return false;  // the next epoch
  const std::uint64_t size = packets_record_bytes(held_);
  if (size > kMaxRecord) return fail(Errc::malformed_media, "a packet that is too large");
  if (!fill(size)) return false;
  ASSIGN_OR_RETURN(const auto packet, read_packets_packet(Bytes{held_}.first(size)));
  RETURN_IF_ERROR(translate_packet(packet));
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(size));
  return true;
}

Result<void> PacketsReader::translate_header() {
  ASSIGN_OR_RETURN(tracks_, read_packets_header(held_));
  Buffer entries;
  std::size_t at = kPacketsHeaderBytes;
  for (unsigned n = 0; n < tracks_; ++n) {
    if (!fill(at + kPacketsLengthBytes))
      return fail(Errc::malformed_media, "the stream ends inside its configs");
    const std::uint64_t size = packets_record_bytes(Bytes{held_}.subspan(at));
    if (size > kMaxRecord || !fill(at + size))
      return fail(Errc::malformed_media, "the stream ends inside its configs");
    ASSIGN_OR_RETURN(const auto config, read_packets_config(Bytes{held_}.subspan(at, size)));
    ASSIGN_OR_RETURN(const auto entry, track_entry(config));
    append_element(entries, kTrackEntry, entry);
    if (config.info.codec == kPackedI420) {
      if (std::uint64_t{config.info.width} * config.info.height > kMaxPackedPixels)
        return fail(Errc::limit_exceeded,
                    fmt::format("packed planes of {}x{}", config.info.width, config.info.height));
      const auto shapes = i420_planes(config.info.width, config.info.height);
      packed_.emplace(config.track, PackedTrack{shapes, PlaneUnpacker{shapes}});
    }
    at += size;
  }
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(at));

  Buffer ebml, info;
  append_element(ebml, kDocType, as_bytes("matroska"));
  append_number(ebml, kDocTypeVersion, 4);
  append_number(ebml, kDocTypeReadVersion, 2);
  append_number(info, kTimestampScale, 1'000);
  append_element(out_, kEbml, ebml);
  append_id(out_, kSegment);
  append_size(out_, (std::uint64_t{1} << 56) - 1);  // unknown
  append_element(out_, kInfo, info);
  append_element(out_, kTracks, entries);
  return {};
}

Result<void> PacketsReader::translate_packet(const PacketsPacket& packet) {
  if (packet.track >= tracks_) return fail(Errc::malformed_media, "a packet of no track");
  Buffer block;
  block.push_back(std::byte{static_cast<std::uint8_t>(0x80 | (packet.track + 1))});
  block.insert(block.end(), 2, std::byte{0});  // at the Cluster's time
  block.push_back(packet.key ? kKeyframe : std::byte{0});
  RETURN_IF_ERROR(append_data(block, packet));
  Buffer cluster;
  append_number(cluster, kTimestamp,
                static_cast<std::uint64_t>(std::max<std::int64_t>(packet.pts_us, 0)));
  append_element(cluster, kSimpleBlock, block);
  append_element(out_, kCluster, cluster);
  return {};
}

Result<void> PacketsReader::append_data(Buffer& block, const PacketsPacket& packet) {
  const auto found = packed_.find(packet.track);
  std::size_t whole = 0;
  if (found != packed_.end())
    for (const PlaneShape& shape : found->second.shapes) whole += shape.bytes;
  if (packet.data.size() == whole || found == packed_.end()) {
    append(block, packet.data);
    return {};
  }
  auto& [shapes, unpacker] = found->second;
  RETURN_IF_ERROR(unpacker.unpack(packet.data));
  for (std::size_t n = 0; n < shapes.size(); ++n)
    append(block, std::as_bytes(std::span{unpacker.plane(n), shapes[n].bytes}));
  return {};
}

}  // namespace framewire::codec
