// Looks ahead in an MPEG transport stream, from where an epoch begins, for what must be known
// before it: PAT and PMT, and the codec of each stream. Goes on until all is known, another
// program begins, or a second of media has gone by; bytes are the caller's to bound.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "ingest/mpegts/ts_elementary.h"
#include "ingest/mpegts/ts_packet.h"
#include "ingest/mpegts/ts_program.h"

namespace framewire::ts {

class Probe {
 public:
  Probe() = default;
  // In mid-stream: the program that `tables` read last.
  Probe(ProgramReader tables, Program program);

  // The next packet from where the probe began; packet_bytes: with all that its unit has besides.
  void feed(const Packet& packet, Bytes packet_bytes);
  // So many bytes of no packet; before tables they count as one of them.
  void skip(std::size_t bytes);
  bool done() const;
  std::size_t bytes() const { return bytes_; }  // looked at so far

  const std::optional<Program>& program() const { return program_; }
  // PAT and PMT packets of program().
  Buffer tables() const { return tables_; }
  // Bytes up to the end of the first PMT when tables alone stand before it; else 0.
  std::size_t leading_table_bytes() const { return leading_table_bytes_; }
  std::vector<TrackInfo> tracks() const;

 private:
  void set_program(Program program);
  void scan(const Packet& packet);

  ProgramReader reader_;
  std::optional<Program> program_;
  Buffer tables_;
  std::vector<TrackScan> scans_;  // of program_->streams
  PtsClock clock_;
  std::optional<std::int64_t> began_us_;
  std::size_t bytes_ = 0;
  std::size_t leading_table_bytes_ = 0;
  bool only_tables_ = true;
  bool stopped_ = false;
};

}  // namespace framewire::ts
