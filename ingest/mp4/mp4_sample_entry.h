// What a track is, from its stsd (ISO/IEC 14496-12, 8.5.2): codec string, size, rate.
// Sources of the codec boxes: ISO/IEC 14496-15 (avcC, hvcC), 14496-14 and 14496-1, 7.2.6 (esds);
// the AV1, VP, Opus and FLAC bindings to ISO BMFF.
#pragma once
#include "ingest/cut/cutter.h"
#include "ingest/mp4/mp4_boxes.h"

namespace framewire::mp4 {

// handler: of the track's hdlr. A codec that is not known is named by its sample entry's type.
Result<TrackInfo> read_stsd(const Box& stsd, FourCc handler);

}  // namespace framewire::mp4
