// Opens media of a format that ingest has found: never probed from content, no other demuxer, no
// codec beyond our list, no protocol, bounded in streams, probing and memory (LIBRARIES: FFmpeg).
#pragma once
#include "codec/child/av/ffmpeg_handles.h"
#include "ingest/base/error.h"
#include "ingest/base/format.h"

namespace framewire::codec {

struct ProbeLimits {
  std::int64_t bytes = 5 << 20;          // read before the streams must be known
  std::int64_t duration_us = 5'000'000;  // of media, likewise
  int fps_packets = -1;                  // read to learn the rate of pictures; -1 = FFmpeg's 20
  bool find_stream_info = true;          // else: what the header says must do
  bool seeks = false;                    // in a file; what changes on its way is then left as it is
};

// io: read from its beginning; stays the caller's and outlives the handle.
// Errors: unsupported_format (a format without a demuxer here), malformed_media.
Result<InputHandle> open_input(Format format, AVIOContext* io, const ProbeLimits& limits = {});

// The next packet, with the times that the container gives it: as av_read_frame().
int read_packet(AVFormatContext& input, AVPacket& packet);

// The container lets pictures of the stream be shown before they are decoded, by their times.
bool may_show_early(const AVFormatContext& input, const AVStream& stream);

// What was read so far needed to be put right for the demuxer: most players would not do that.
bool was_normalized(const AVFormatContext& input);

// One allocation of FFmpeg's, at most; for the whole process, once.
void limit_ffmpeg_memory();

}  // namespace framewire::codec
