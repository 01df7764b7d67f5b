// PAT and PMT: which PIDs carry what. Source: ISO/IEC 13818-1, 2.4.4. The first program of the PAT
// is the stream; CRCs, versions and continuity counters are not looked at (TCP keeps the bytes
// whole, and a table is new when what it says is new).
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "ingest/base/bytes.h"
#include "ingest/cut/cutter.h"
#include "ingest/mpegts/ts_packet.h"

namespace framewire::ts {

enum class Codec : std::uint8_t {
  mpeg1_video,
  mpeg2_video,
  mpeg4_video,
  h264,
  hevc,
  mpeg1_audio,
  mpeg2_audio,
  aac_adts,
  aac_latm,
  ac3,
  eac3,
  opus,
  other,
};
TrackKind kind_of(Codec codec);

struct Stream {
  std::uint16_t pid = 0;
  Codec codec = Codec::other;
  bool operator==(const Stream&) const = default;
};
struct Program {
  std::uint16_t pmt_pid = 0;
  std::vector<Stream> streams;
  bool operator==(const Program&) const = default;

  // The stream whose PES packets start parts: the first of video, else of audio.
  const Stream* leading() const;
};

// Joins the sections of one PID, and keeps the packets they came in.
class SectionReader {
 public:
  // A whole section, valid until the next call; nullopt: none ends in this packet. Of several in
  // one packet the first is given: PAT and PMT are alone in theirs.
  std::optional<Bytes> feed(const Packet& packet, Bytes packet_bytes);
  // The packets of the section that was given last.
  const Buffer& packets() const { return packets_; }
  void reset() { *this = SectionReader{}; }

 private:
  Buffer section_;
  Buffer packets_;
  bool inside_ = false;
};

class ProgramReader {
 public:
  // The program when this packet ends a PMT of it, changed or not.
  std::optional<Program> feed(const Packet& packet, Bytes packet_bytes);
  std::uint16_t pmt_pid() const { return pmt_pid_; }  // by the newest PAT; 0: none came
  // PAT, PMT, and what else stands below PID 0x20 (SDT, NIT, ...).
  bool is_table(std::uint16_t pid) const { return pid < 0x20 || pid == pmt_pid_; }
  // Copies of the newest PAT and PMT packets: an init segment.
  Buffer tables() const;

 private:
  SectionReader pat_;
  SectionReader pmt_;
  std::uint16_t pmt_pid_ = 0;  // 0 = not known, for 0 is the PAT's
  Buffer pat_packets_;
  Buffer pmt_packets_;
};

}  // namespace framewire::ts
