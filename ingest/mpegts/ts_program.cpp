#include "ingest/mpegts/ts_program.h"

#include <algorithm>
#include <string_view>

namespace framewire::ts {
namespace {

constexpr std::uint16_t kPatPid = 0;
constexpr std::size_t kSectionHead = 3;
constexpr std::size_t kCrc = 4;

//  table id(1) | 1 0 .. length:12 | table id extension(2) | .. version:5 current:1 | number(1)
//  last(1)
// True for a section of that table that is in force now and holds `least` bytes and its CRC.
bool is_current(Bytes section, std::uint8_t table_id, std::size_t least) {
  return section.size() >= least + kCrc && u8(section, 0) == table_id && (u8(section, 5) & 1) != 0;
}

// PAT, from byte 8: program number(2) | 111:3 PID:13 | ... | CRC. Number 0 is the NIT's.
std::optional<std::uint16_t> first_program_pid(Bytes pat) {
  if (!is_current(pat, 0x00, 8)) return std::nullopt;
  for (std::size_t at = 8; at + 4 + kCrc <= pat.size(); at += 4)
    if (load_be<std::uint16_t>(pat, at) != 0)
      return static_cast<std::uint16_t>(load_be<std::uint16_t>(pat, at + 2) & 0x1fff);
  return std::nullopt;
}

// Private data: a descriptor says what it is. tag(1) length(1) body; 05: registration.
Codec codec_of_descriptors(Bytes descriptors) {
  while (descriptors.size() >= 2) {
    const std::size_t length = u8(descriptors, 1);
    if (descriptors.size() < 2 + length) break;
    const std::uint8_t tag = u8(descriptors, 0);
    const std::string_view body = as_text(descriptors.subspan(2, length));
    if (tag == 0x6a || (tag == 0x05 && body.starts_with("AC-3"))) return Codec::ac3;
    if (tag == 0x7a || (tag == 0x05 && body.starts_with("EAC3"))) return Codec::eac3;
    if (tag == 0x05 && body.starts_with("Opus")) return Codec::opus;
    if (tag == 0x05 && body.starts_with("HEVC")) return Codec::hevc;
    descriptors = descriptors.subspan(2 + length);
  }
  return Codec::other;
}

// ISO/IEC 13818-1, table 2-34; 81 and 87 are ATSC's.
Codec codec_of(std::uint8_t stream_type, Bytes descriptors) {
  switch (stream_type) {
    case 0x01:
      return Codec::mpeg1_video;
    case 0x02:
      return Codec::mpeg2_video;
    case 0x03:
      return Codec::mpeg1_audio;
    case 0x04:
      return Codec::mpeg2_audio;
    case 0x06:
      return codec_of_descriptors(descriptors);
    case 0x0f:
      return Codec::aac_adts;
    case 0x10:
      return Codec::mpeg4_video;
    case 0x11:
      return Codec::aac_latm;
    case 0x1b:
      return Codec::h264;
    case 0x24:
      return Codec::hevc;
    case 0x81:
      return Codec::ac3;
    case 0x87:
      return Codec::eac3;
    default:
      return Codec::other;
  }
}

// PMT, from byte 8: 111:3 PCR PID:13 | 1111:4 length:12 | program descriptors |
//   stream type(1) | 111:3 PID:13 | 1111:4 length:12 | descriptors | ... | CRC
std::optional<std::vector<Stream>> read_streams(Bytes pmt) {
  if (!is_current(pmt, 0x02, 12)) return std::nullopt;
  const std::size_t end = pmt.size() - kCrc;
  std::vector<Stream> streams;
  std::size_t at = 12 + (load_be<std::uint16_t>(pmt, 10) & 0xfffu);
  while (at + 5 <= end) {
    const std::size_t length = load_be<std::uint16_t>(pmt, at + 3) & 0xfffu;
    if (at + 5 + length > end) return std::nullopt;
    streams.push_back({static_cast<std::uint16_t>(load_be<std::uint16_t>(pmt, at + 1) & 0x1fff),
                       codec_of(u8(pmt, at), pmt.subspan(at + 5, length))});
    at += 5 + length;
  }
  return streams;
}

}  // namespace

TrackKind kind_of(Codec codec) {
  if (codec <= Codec::hevc) return TrackKind::video;
  return codec == Codec::other ? TrackKind::other : TrackKind::audio;
}

const Stream* Program::leading() const {
  for (TrackKind kind : {TrackKind::video, TrackKind::audio})
    for (const Stream& stream : streams)
      if (kind_of(stream.codec) == kind) return &stream;
  return nullptr;
}

//  payload with payload_start: pointer(1) | end of the section before | section | FF ...
std::optional<Bytes> SectionReader::feed(const Packet& packet, Bytes packet_bytes) {
  Bytes payload = packet.payload;
  if (packet.payload_start) {
    const std::size_t start = 1 + std::size_t{u8(payload, 0)};
    section_.clear();
    packets_.clear();
    inside_ = start < payload.size();
    if (inside_) payload = payload.subspan(start);
  }
  if (!inside_) return std::nullopt;
  append(packets_, packet_bytes);
  append(section_, payload);
  if (section_.size() < kSectionHead) return std::nullopt;
  const std::size_t size = kSectionHead + (load_be<std::uint16_t>(section_, 1) & 0xfffu);
  if (section_.size() < size) return std::nullopt;
  inside_ = false;
  return Bytes{section_}.first(size);
}

std::optional<Program> ProgramReader::feed(const Packet& packet, Bytes packet_bytes) {
  if (packet.payload.empty()) return std::nullopt;
  if (packet.pid == kPatPid) {
    const auto section = pat_.feed(packet, packet_bytes);
    const auto pid = section ? first_program_pid(*section) : std::nullopt;
    if (!pid) return std::nullopt;
    if (*pid != pmt_pid_) pmt_.reset();
    pmt_pid_ = *pid;
    pat_packets_ = pat_.packets();
    return std::nullopt;
  }
  if (pmt_pid_ == 0 || packet.pid != pmt_pid_) return std::nullopt;
  const auto section = pmt_.feed(packet, packet_bytes);
  auto streams = section ? read_streams(*section) : std::nullopt;
  if (!streams) return std::nullopt;
  pmt_packets_ = pmt_.packets();
  return Program{pmt_pid_, std::move(*streams)};
}

Buffer ProgramReader::tables() const {
  Buffer tables = pat_packets_;
  append(tables, pmt_packets_);
  return tables;
}

}  // namespace framewire::ts
