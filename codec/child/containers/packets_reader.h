// The packets format as Matroska, for FFmpeg, which has no demuxer for it: each packet a
// SimpleBlock in a Cluster of its own, whose Timestamp is its time in microseconds (RFC 9559;
// TimestampScale 1,000 ns). Nothing is held back, and nothing of a packet is changed, but for
// packed planes, which become planes. Lifetime: `from` outlives the reader. Thread: one. Errors:
// error(), once reading has ended: unsupported_format names the codec that has no place.
#pragma once
#include <functional>
#include <map>
#include <optional>

#include "codec/child/av/ffmpeg_io.h"
#include "ingest/packets/packets.h"
#include "ingest/pictures/packed_planes.h"

namespace framewire::codec {

class PacketsReader {
 public:
  // from: one epoch of packets.
  explicit PacketsReader(ReadBytes& from) : from_(from) {}
  // Bytes of Matroska; 0 at the end, or what `from` gave.
  int read(std::span<std::byte> to);
  const std::optional<Error>& error() const { return error_; }

 private:
  bool fill(std::size_t wanted);  // false: the end came first
  Result<bool> translate();       // the next element; false: there is none
  Result<void> translate_header();
  Result<void> translate_packet(const PacketsPacket& packet);
  // What goes into the block: the packet as it is, or its planes.
  Result<void> append_data(Buffer& block, const PacketsPacket& packet);

  ReadBytes& from_;
  int from_ended_ = 0;  // what `from` gave last, if not bytes
  bool ended_ = false;
  bool began_ = false;
  Buffer held_;  // read, not yet translated
  Buffer out_;   // translated, not yet given
  std::size_t out_at_ = 0;
  std::uint8_t tracks_ = 0;
  struct PackedTrack {
    std::vector<PlaneShape> shapes;
    PlaneUnpacker unpacker;
  };
  std::map<std::uint8_t, PackedTrack> packed_;  // by track
  std::optional<Error> error_;
};

}  // namespace framewire::codec
