// Ogg (RFC 3533) with one logical stream of Opus (RFC 7845), Vorbis or FLAC: a part is a page.
//
//   init: the pages of the header packets (Opus 2, Vorbis 3, FLAC as many as it says)
//   part: each page after them; group_start when it continues no packet
//   pts:  where the page before it ended (granule position; Opus 48 kHz less pre-skip), least 0
//   epoch: a page with the BOS flag after data starts the next one (a chained stream)
//
// Page checksums and sequence numbers are not checked: the relay repairs nothing, and a decoder
// checks them itself. Errc::unsupported_format: another codec, or several logical streams at once.
#pragma once
#include <memory>

#include "ingest/cut/cutter.h"

namespace framewire {

std::unique_ptr<Cutter> make_ogg_cutter(const CutterOptions& options, PartSink& sink);

}  // namespace framewire
