// The cutter of `packets` (ingest/packets/packets.h; the contract is ingest/cut/cutter.h's). Init:
// the header and its configs; part: a run of packets; group: from a key packet of the first picture
// track on, or, without one, each packet.
#pragma once
#include "ingest/cut/cutter.h"

namespace framewire {

std::unique_ptr<Cutter> make_packets_cutter(const CutterOptions& options, PartSink& sink);

}  // namespace framewire
