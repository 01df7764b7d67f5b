// One epoch of an origin as JPEG pictures: its newest keyframe now and then (a poster), or all
// pictures of an origin that has nothing else (MJPEG). A published JPEG stays as it is, unless it
// must be smaller. A poster that comes too soon after the one before is put off, and made if none
// follows. What does not decode is left out. Thread: one.
#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "codec/child/codecs/jpeg_maker.h"
#include "codec/child/codecs/picture_decoder.h"
#include "codec/child/containers/packet_normalizer.h"
#include "codec/outputs.h"

namespace framewire::codec {

class Stills {
 public:
  // name: for the log.
  Stills(std::string name, const Output& to, WriteBytes write);

  // An origin of pictures: the next one. Errors: unsupported_format, internal.
  Result<void> take(const PictureOrigin& origin, Bytes picture);
  // Any other: read gives the epoch's bytes, then 0; until the epoch's end. Errors: also
  // malformed_media; unsupported_format with a sentence: there is no picture in it, or no poster
  // was asked for.
  Result<void> run(Format from, ReadBytes read);
  // All that has come is read: waits until more does, or what was put off is due.
  void on_idle(int socket);

 private:
  using Clock = std::chrono::steady_clock;
  bool due() const { return !poster_ || Clock::now() >= next_; }
  Result<void> make(Bytes picture);
  Result<void> take(AVPacket& packet);
  Result<void> decode(const AVPacket& keyframe);
  void left_out(const Error& why);

  const std::string name_;
  const bool poster_;
  const int max_width_;
  WriteBytes write_;
  JpegMaker maker_;
  std::optional<PictureDecoder> decoder_;
  PictureOrigin origin_;                     // of pictures
  std::unique_ptr<PacketNormalizer> track_;  // of any other
  // Came too soon after the one before: the newest of these, one of the two.
  Buffer picture_;
  PacketHandle keyframe_;
  Clock::time_point next_{};
  std::optional<Error> idle_error_;
  std::uint64_t left_out_ = 0;
};

}  // namespace framewire::codec
