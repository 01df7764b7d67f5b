// What is known of an output before a worker has looked at the media: codecs, as the cutters name
// them, that it surely does not hold. codec/child/av/codec_table.h decides; this saves the wait.
// Thread: any.
#pragma once
#include "codec/outputs.h"
#include "ingest/cut/cutter.h"

namespace framewire::codec {

// All tracks of pictures, or all of sound, are in such codecs: Output::instead holds them.
bool surely_instead(const Output& output, const EpochInfo& epoch);

}  // namespace framewire::codec
