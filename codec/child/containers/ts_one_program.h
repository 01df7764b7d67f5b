// MPEG-TS whose programme gets other PIDs on its way (an encoder that was exchanged, pieces that
// were put together): FFmpeg's demuxer makes more tracks of that, and of another PID for the PMT
// even where it is told not to.
//
// Here, on the way to it, packets have the PIDs that the first PMT names, as long as each stream of
// pictures or sound in a later one has its own there, of the same codec; what else a later PMT
// names is left out then. A programme with more streams, or with others, passes as it is. Lifetime:
// `from` outlives the reader. Thread: one.
#pragma once
#include <map>
#include <optional>
#include <vector>

#include "codec/child/av/ffmpeg_io.h"
#include "ingest/base/bytes.h"
#include "ingest/mpegts/ts_program.h"

namespace framewire::codec {

class TsOneProgram {
 public:
  explicit TsOneProgram(ReadBytes from) : from_(std::move(from)) {}
  // As many bytes as came; 0 at the end, or what `from` gave.
  int read(std::span<std::byte> to);
  // Some stream had another PID, so far.
  bool normalized() const { return normalized_; }

 private:
  bool advance();  // more of held_ may be given; false: there is no more
  void normalize(std::span<std::byte> unit);
  void on_program(const ts::Program& program);

  ReadBytes from_;
  int from_ended_ = 0;  // what `from` gave
  bool ended_ = false;
  Buffer held_;            // read
  std::size_t given_ = 0;  // of it
  std::size_t good_ = 0;   // of it, may be given
  std::optional<ts::Grid> grid_;
  ts::ProgramReader tables_;
  std::optional<ts::Program> first_;
  ts::Program program_;                            // the newest
  std::map<std::uint16_t, std::uint16_t> pid_of_;  // of those with another one
  bool normalized_ = false;
};

}  // namespace framewire::codec
