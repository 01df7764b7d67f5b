// A stored film read from its beginning, packet by packet, as a muxer should have them: on one
// timeline (packet_times.h), durations that are right to the last packet, broken tails left out.
//
// What recorders write and what is made of it: Chromium's fragmented MP4 gives the last Opus packet
// of each fragment 21 ms of 60 (the TOC byte knows, RFC 6716 section 3.1); WebM has no durations,
// so a packet's is the step to the next one, and the last one's that of the one before. Times:
// microseconds. Thread: one at a time. Errors: malformed_media when there is nothing to read.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/av/ffmpeg_io.h"
#include "codec/child/containers/packet_times.h"
#include "codec/child/containers/packets_reader.h"
#include "ingest/base/error.h"
#include "ingest/base/format.h"

namespace framewire::codec {

// What was read, once all was.
struct FilmFacts {
  std::int64_t duration_us = 0;
  int width = 0;  // of the first video track; 0 = none
  int height = 0;
  std::uint64_t packets = 0;
  std::uint64_t pictures = 0;  // of these, in the first video track
  bool mended = false;  // the file's own clock jumps, wraps or slips, or its tracks change PIDs
  // Where it goes on behind a jump of its clock, or behind a hole; from its start; the first ones.
  std::vector<std::int64_t> gaps_us;
};

class MediaFile {
 public:
  // seeks: seek() will be called.
  static Result<std::unique_ptr<MediaFile>> open(Format format, int fd, bool seeks = false);

  AVFormatContext& input() { return *input_; }
  // Tracks of sound and picture; a packet's stream_index counts these.
  std::size_t tracks() const { return tracks_.size(); }
  const AVStream& track(std::size_t index) const { return *tracks_[index].stream; }

  // To the keyframe at or before a time from the film's start.
  Result<void> seek(std::int64_t from_us);
  // Hands out all packets up to a time from the film's start; times and durations are microseconds.
  // Each is the callee's. A negative return ends it: it is an AVERROR. Once.
  int read(std::int64_t to_us, const std::function<int(AVPacket&)>& take);

  FilmFacts facts() const;
  // A keyframe of the first video track that stands for the film: not the very first, if there is a
  // later one, for cameras begin in the dark. Null: none was read.
  const AVPacket* picture() const { return picture_.get(); }
  const AVStream* picture_stream() const;

 private:
  struct Track {
    const AVStream* stream = nullptr;
    PacketHandle held;  // until the next one tells its duration
  };
  MediaFile(Format format, int fd) : format_(format), file_(fd), times_(format) {}
  Result<void> find_tracks();
  int hold(PacketHandle packet, std::size_t which, const std::function<int(AVPacket&)>& take);
  int release(Track& track, const AVPacket* next, const std::function<int(AVPacket&)>& take);
  void note(const AVPacket& packet);
  void note_gap(const AVPacket& packet, bool leads, bool jump);

  const Format format_;
  FileIo file_;
  IoHandle io_;
  // Of packets: FFmpeg reads what is made of them.
  IoHandle packets_io_;
  ReadBytes packets_bytes_ = [this](std::span<std::byte> to) {
    return avio_read(packets_io_.get(), reinterpret_cast<unsigned char*>(to.data()),
                     static_cast<int>(to.size()));
  };
  std::optional<PacketsReader> reader_;
  ReadBytes matroska_ = [this](std::span<std::byte> to) { return reader_->read(to); };
  InputHandle input_;
  PacketTimes times_;
  std::vector<Track> tracks_;
  std::vector<int> track_of_;  // by the input's stream index; -1 = left out
  int video_ = -1;             // a track
  PacketHandle picture_;
  bool picture_is_late_ = false;
  std::optional<std::int64_t> came_us_;  // the first time, as it came
  std::int64_t end_us_ = INT64_MAX;      // what is read ends here
  bool began_ = false;
  bool over_ = false;
  std::optional<std::int64_t> first_us_;
  std::optional<std::int64_t> lead_us_;  // the newest packet's, of pictures or the only track
  std::vector<std::int64_t> gaps_us_;    // on the timeline
  std::int64_t last_us_ = 0;
  std::uint64_t packets_ = 0;
  std::uint64_t pictures_ = 0;
};

}  // namespace framewire::codec
