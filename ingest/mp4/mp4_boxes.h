// The boxes of ISO BMFF (ISO/IEC 14496-12) that say how a fragmented file is cut: nothing else of a
// moov or moof is looked at. Pure functions over whole boxes; error offsets count from the first
// byte of the box given plus the offset given with it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"
#include "ingest/cut/cutter.h"

namespace framewire::mp4 {

using FourCc = std::uint32_t;
constexpr FourCc four_cc(const char (&name)[5]) {
  FourCc value = 0;
  for (int i = 0; i < 4; ++i) value = (value << 8) | static_cast<unsigned char>(name[i]);
  return value;
}
std::string to_text(FourCc type);  // "moof"

struct BoxHead {
  FourCc type = 0;
  std::size_t head_bytes = 0;  // 8, or 16 with a 64-bit size
  std::uint64_t size = 0;      // of the whole box; 0 = to the end of the stream
};
// nullopt: more bytes are needed. offset: of bytes in the stream.
Result<std::optional<BoxHead>> read_box_head(Bytes bytes, std::uint64_t offset);

struct Box {
  FourCc type = 0;
  std::uint64_t offset = 0;  // in the stream
  Bytes body;
  std::uint64_t body_offset = 0;
};

// The boxes that lie end to end in a container box's body.
class BoxReader {
 public:
  BoxReader(Bytes body, std::uint64_t offset) : left_(body), offset_(offset) {}
  // nullopt at the end. Errc::malformed_media for a box that runs over the container's end.
  Result<std::optional<Box>> next();

 private:
  Bytes left_;
  std::uint64_t offset_;
};

struct Track {
  std::uint32_t id = 0;
  std::uint32_t timescale = 0;                // ticks a second
  std::uint32_t default_sample_duration = 0;  // trex, ticks
  std::uint32_t default_sample_flags = 0;     // trex
  TrackInfo info;
};
struct Movie {
  std::vector<Track> tracks;
  const Track* find(std::uint32_t id) const;
  bool has_video() const;
};
// Errc::unsupported_format for a moov without mvex: the file is not fragmented.
Result<Movie> read_moov(const Box& moov, std::uint32_t max_tracks);

struct Fragment {
  bool group_start = false;
  std::optional<std::int64_t> pts_us;  // nullopt: no traf has samples and a decode time
};
Result<Fragment> read_moof(const Box& moof, const Movie& movie);

// The samples of one track in one fragment. Times that would leave an int64_t are cut off there.
struct TrackTimes {
  const Track* track = nullptr;  // of the movie given
  std::int64_t dts_us = 0;       // of the first sample
  std::int64_t duration_us = 0;  // of all
  std::uint64_t samples = 0;
  bool sync = false;  // the first sample
};
// Of a part as the cutter makes it: a moof with what stands before and behind it. Tracks that the
// movie has, with samples and a decode time; a hostile duration is as it says.
Result<std::vector<TrackTimes>> read_times(Bytes part, const Movie& movie);
// Of an init segment: ftyp and moov.
Result<Movie> read_init(Bytes init, std::uint32_t max_tracks);

}  // namespace framewire::mp4
