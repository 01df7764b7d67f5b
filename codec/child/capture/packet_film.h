// Packets that a page has encoded, one for each frame, into a film of packets (PROTOCOL.md), with
// the sound beside them as it is: for the finaliser, which puts them into the container as they
// are. A packet is looked into as far as it says what it is; nothing is decoded. Thread: one.
// Errors: those of CaptureFilm.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>

#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/av/ffmpeg_io.h"
#include "codec/child/capture/capture_film.h"

namespace framewire::codec {

class PacketFilm final : public CaptureFilm {
 public:
  // config: the header and the config of the packets, which why_not_config() takes. write, written:
  // as of FrameFilm.
  static Result<std::unique_ptr<CaptureFilm>> open(const CaptureSpec& spec, Bytes config,
                                                   WriteBytes write, Written written);
  Result<void> add(Bytes frame, bool key) override;
  Result<void> add_sound(std::uint64_t first, Bytes samples) override;
  Result<void> finish() override { return {}; }

 private:
  PacketFilm(const CaptureSpec& spec, WriteBytes write, Written written);
  Result<void> write_head(Bytes config);
  Result<void> open_parser(Bytes config);
  Result<void> look_into(std::uint64_t number, Bytes frame, bool key);
  Result<void> put(Bytes bytes, const FilmGrowth& more);

  const CaptureSpec spec_;
  WriteBytes write_;
  Written written_;
  CodecHandle context_;  // what the parser reads and notes
  ParserHandle parser_;  // null: of this codec there is none
  Buffer record_;
  std::uint64_t added_ = 0;  // frames of the film
};

}  // namespace framewire::codec
