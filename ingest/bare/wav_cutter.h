// WAV (RIFF/WAVE) is put into Matroska: PCM of 8 to 32 bits, float, A-law and mu-law.
//
//   origin: that Matroska stream, not the bytes published; its epochs are Format::webm
//   blocks of 20 ms, a Cluster a second; the sizes that the RIFF and data heads say do not count,
//   since of a live stream they are made up: the data goes on to the end
//
// Errc::unsupported_format: a coding beyond those. Errc::malformed_media: no fmt chunk before data,
// numbers that cannot be. Errc::limit_exceeded: init_bytes before the data.
#pragma once
#include <memory>

#include "ingest/cut/cutter.h"

namespace framewire {

std::unique_ptr<Cutter> make_wav_cutter(const CutterOptions& options, PartSink& sink);

}  // namespace framewire
