// Raw canvas frames: width x height pixels of 4 bytes, rows top to bottom, not premultiplied (as
// getImageData gives them). Frames lie end to end; where messages begin does not matter.
// Errc::unsupported_format without a size; Errc::limit_exceeded for a side over
// Limits::picture_side or a frame over Limits::element_bytes.
#pragma once
#include <memory>

#include "ingest/cut/cutter.h"

namespace framewire {

Result<std::unique_ptr<Cutter>> make_rgba_cutter(const CutterOptions& options, PartSink& sink);

}  // namespace framewire
