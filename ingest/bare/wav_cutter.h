// WAV (RIFF/WAVE, and RF64 or BW64 of more than 4 GiB) is put into Matroska: PCM of 8 to 32 bits,
// float, A-law and mu-law.
//
//   origin: that Matroska stream, not the bytes published; its epochs are Format::webm
//   blocks of 20 ms, a Cluster a second
//   the sound ends where the data's head says if a chunk follows there, which is passed over; else,
//   for the sizes of live streams are made up, it goes on to the end
//
// Errc::unsupported_format: a coding beyond those. Errc::malformed_media: no fmt chunk before data,
// numbers that cannot be. Errc::limit_exceeded: init_bytes before the data.
#pragma once
#include <memory>

#include "ingest/cut/cutter.h"

namespace framewire {

std::unique_ptr<Cutter> make_wav_cutter(const CutterOptions& options, PartSink& sink);

}  // namespace framewire
