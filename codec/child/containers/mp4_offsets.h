// Fragmented MP4 whose samples are shown before they are decoded, by the tables: negative
// composition offsets (ISO/IEC 14496-12, 8.8.8; CMAF, Smooth Streaming, Apple's packagers).
// FFmpeg's demuxer shows all later samples of such a track later by as much, and no other track's:
// sound and pictures would come apart.
//
// Here all offsets of such a track are made larger by the smallest seen so far, on the way to the
// demuxer, and delay() says by how much, so that the times of showing can be put right. lead() says
// by how much decoding has to be earlier, as the track's first fragment tells. What later ones add
// to that (a fragment for each sample) only the codec tells in time: packet_times.h asks it where
// is_signed().
// Lifetime: `from` outlives the reader. Thread: one.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "codec/child/av/ffmpeg_io.h"
#include "ingest/base/bytes.h"

namespace framewire::codec {

class Mp4Offsets {
 public:
  explicit Mp4Offsets(ReadBytes from) : from_(std::move(from)) {}
  // As many bytes as came; 0 at the end, or what `from` gave.
  int read(std::span<std::byte> to);
  // By how much the sample at this place is shown too late, in the track's timescale.
  std::int64_t delay(std::uint32_t track, std::int64_t at) const;
  std::int64_t lead(std::uint32_t track) const;
  // The track's offsets may be negative.
  bool is_signed(std::uint32_t track) const { return signed_.contains(track); }
  // Some offset was negative.
  bool normalized() const;

 private:
  struct Delay {
    std::int64_t from = 0;  // a place in what read() gives
    std::int64_t by = 0;    // rising; the first one may be 0
  };
  bool advance();  // more of held_ may be given; false: there is no more
  bool fill(std::size_t wanted);
  void mend_fragment(std::span<std::byte> moof);
  void mend_track(std::span<std::byte> traf);
  void mend_run(std::span<std::byte> trun, std::uint32_t track);

  ReadBytes from_;
  int from_ended_ = 0;  // what `from` gave
  bool ended_ = false;
  Buffer held_;                // read
  std::size_t given_ = 0;      // of it
  std::size_t good_ = 0;       // of it, may be given
  std::uint64_t left_ = 0;     // of a box that is passed on as it comes
  std::int64_t position_ = 0;  // of held_[0]
  std::map<std::uint32_t, std::vector<Delay>> delays_;
  std::set<std::uint32_t> signed_;  // of these tracks
};

}  // namespace framewire::codec
