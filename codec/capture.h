// What passes between the server and the child that makes the file of a lossless capture, one child
// per capture (codec/child/capture/capture.h).
//
//   arguments: to_json(CaptureSpec)
//   descriptor 3, SOCK_STREAM, server to child: of Format::packets first the config; frames, and
//     pieces of the sound beside them, each a head and its bytes; then the end
//
//       +-------+-------+-------+-------+-------+-------+-------+-------+---------
//       | length of the payload | XXH32 of the payload  |  number of the frame  ...  payload
//       +-------+-------+-------+-------+-------+-------+-------+-------+---------
//       length 4 bytes, hash 4, number 8; the end: a head of length 0. Of sound the number is that
//       of its first sample, with the highest bit set; of the config it is the next bit alone
//
//   descriptor 3, child to server: WrittenReport, when something was written
//   descriptor 4: the file, empty at first, appended to: of the container, or of packets when there
//     is sound or the frames are encoded already, which the finaliser puts into the container
//   exit code 0: the file is whole. Else stdout has JSON: code (PROTOCOL.md, "Lossless capture"),
//     what (a sentence)
//
// A child that dies is followed by another, which is told how far the file is good: what lies
// behind is cut off, and the frames from there on are sent again.
// Thread: any.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"
#include "ingest/base/format.h"

namespace framewire::codec {

// Sound as it is: interleaved samples, little-endian (PROTOCOL.md, "The packets format").
struct CaptureAudio {
  std::string codec;  // "pcm-s16", "pcm-f32"; "" = none
  std::uint32_t sample_rate = 0;
  std::uint32_t channels = 0;
  explicit operator bool() const { return !codec.empty(); }
  // Of a sample of all channels.
  std::uint32_t bytes() const { return channels * (codec == "pcm-f32" ? 4 : 2); }
};

struct CaptureSpec {
  Format format = Format::rgba;  // of the frames: rgba, png, jpeg, webp, packets
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  double fps = 0;
  std::string container = "mp4";  // mp4, webm
  std::string codec = "h264";     // h264, vp8, vp9, av1
  std::string quality = "high";   // draft, good, high, lossless
  bool hash = false;              // frames carry their XXH32
  bool alpha = false;             // kept, by VP9 and VP8 in WebM; else frames are laid on black
  CaptureAudio audio;
  // Of a file that is continued.
  std::uint64_t written_frames = 0;
  std::uint64_t written_bytes = 0;
  std::uint64_t written_samples = 0;
};
std::string to_json(const CaptureSpec& spec);
Result<CaptureSpec> capture_from_json(std::string_view text);

// "" if it can be made, else a sentence: what is missing or does not go together.
std::string why_no_capture(const CaptureSpec& spec);
// The codec of a container when none was asked for.
std::string_view default_codec(std::string_view container);
// Of frames that are packets (ingest/packets/packets.h): "" if the header and its config are of
// this capture, one track of planes or of the codec that it says, else a sentence.
std::string why_not_config(const CaptureSpec& spec, Bytes header);
// What such packets are. header: one that why_not_config() takes.
enum class PacketKind { encoded, i420, packed_i420 };
PacketKind kind_of_packets(Bytes header);

struct CaptureHead {
  std::uint32_t bytes = 0;  // 0 = the end
  std::uint32_t hash = 0;
  std::uint64_t number = 0;  // of the frame, or of the first sample
  bool sound = false;
  bool config = false;
};
constexpr std::size_t kCaptureHeadBytes = 16;
std::array<std::byte, kCaptureHeadBytes> to_bytes(const CaptureHead& head);
CaptureHead capture_head(Bytes bytes);

struct WrittenReport {
  std::uint64_t written_frames = 0;  // they are in the file, whole
  std::uint64_t written_bytes = 0;   // of the file, so far
  std::uint64_t written_samples = 0;
};
constexpr std::size_t kWrittenReportBytes = 24;
std::array<std::byte, kWrittenReportBytes> to_bytes(const WrittenReport& news);
WrittenReport written_report(Bytes bytes);

}  // namespace framewire::codec
