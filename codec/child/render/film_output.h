// The file of a film, written by one of FFmpeg's muxers. Thread: one. Errors: internal;
// unsupported_format, this FFmpeg has not that muxer; disk_error() says if it was the disk.
#pragma once
#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/containers/file_output.h"
#include "ingest/base/error.h"

namespace framewire::codec {

class FilmOutput {
 public:
  explicit FilmOutput(int fd) : file_(fd) {}  // outlives it
  Result<void> open(const char* muxer);
  // Before start(). The stream is the output's.
  Result<AVStream*> add_stream(const AVCodecParameters& parameters, AVRational time_base);
  // The muxer has an option of this name.
  bool knows(const char* option);
  Result<void> start(Options& options);
  // Times in `time_base`; the packet is used up.
  Result<void> write(AVPacket& packet, int stream, AVRational time_base);
  Result<void> finish();
  int disk_error() const { return file_.disk_error(); }

 private:
  FileOutput file_;
};

}  // namespace framewire::codec
