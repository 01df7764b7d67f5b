// A film that grows picture by picture: what the child of `framewire render` makes. Frame n stands
// at n / fps. Thread: one. Errors: unsupported_format (no such encoder, or nothing that it takes),
// malformed_media (the sound), internal; disk_error() says if it was the disk.
#pragma once
#include "codec/child/av/ffmpeg_handles.h"
#include "ingest/base/error.h"

namespace framewire::codec {

class Film {
 public:
  virtual ~Film() = default;
  // The next frame.
  virtual Result<void> add(const AVFrame& picture) = 0;
  // No more come: the file is whole then.
  virtual Result<void> finish() = 0;
  // An errno of writing; 0 = none.
  virtual int disk_error() const = 0;
  virtual bool sound_failed() const { return false; }
};

}  // namespace framewire::codec
