// FLV in a form that FFmpeg's demuxers of all versions read: it knows enhanced RTMP's FourCC tags
// only in part or, before 6.1, not at all, and leaves the stream for a wrong PreviousTagSize.
//
//   AVC, AAC, MP3 and all codecs that have a number:  FLV with plain tags, right sizes, no others
//   HEVC, AV1, VP9, Opus, FLAC, AC-3:                 fragmented MP4, a fragment for each sample
//
// Which of the two is chosen when the first sample comes, by what was configured before it; live,
// an epoch's init holds all of that (ingest/flv/flv_cutter.h). Of a file samples are held for
// kHeldMs, until each kind that its header names has come; a track that comes later still is left
// out of MP4. Times: MP4 in milliseconds, as they are in FLV. Lifetime: `from` outlives the reader.
// Thread: one. Errors: error(), once reading has ended.
#pragma once
#include <array>
#include <deque>
#include <optional>

#include "codec/child/av/ffmpeg_io.h"
#include "ingest/base/error.h"
#include "ingest/base/format.h"
#include "ingest/flv/flv_tag.h"

namespace framewire::codec {

class FlvReader {
 public:
  FlvReader(ReadBytes from, bool live) : from_(std::move(from)), live_(live) {}
  // What read() gives: flv or mp4. Reads until that is known.
  Format format();
  // 0 at the end, or what `from` gave.
  int read(std::span<std::byte> to);
  const std::optional<Error>& error() const { return error_; }

 private:
  struct Track {
    Buffer tag;  // the newest configuration, or the first sample, of the codec's
    bool came = false;
    std::uint32_t id = 0;  // of MP4; 0: it has none
    std::int64_t last_dts = -1;
  };
  static constexpr std::int64_t kHeldMs = 1000;

  bool fill(std::size_t wanted);
  bool advance();  // takes one tag in; false: there is none
  void take(const FlvTag& tag);
  bool known(const FlvTag& sample) const;
  void decide();
  void give(const FlvTag& tag);
  void give_plain(const FlvTag& tag);
  void give_fragment(const FlvTag& tag);
  void give_moov();
  Track& track_of(const FlvTag& tag) { return tracks_[tag.kind == FlvTag::Kind::video ? 0 : 1]; }

  ReadBytes from_;
  const bool live_;
  int from_ended_ = 0;
  bool ended_ = false;
  Buffer held_;  // read, not taken
  std::size_t held_at_ = 0;
  bool header_read_ = false;
  std::array<bool, 2> promised_{};  // by the header: pictures, sound
  std::array<Track, 2> tracks_;
  std::deque<Buffer> waiting_;  // tags, before it is decided
  std::optional<std::int64_t> first_ms_;
  std::optional<Format> format_;
  std::uint32_t fragments_ = 0;
  Buffer out_;  // made, not given
  std::size_t out_at_ = 0;
  std::optional<Error> error_;
};

// Whether the first mebibytes of a file hold nothing that FFmpeg's demuxer stumbles over.
bool flv_is_plain(const ReadBytes& from);

}  // namespace framewire::codec
