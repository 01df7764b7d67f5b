// JPEG, PNG and WebP pictures: each is a part and a group of its own. They are found by structure
// (ingest/picture_scanner.h), so a picture per message and a body of pictures end to end are cut
// alike. One epoch for the whole stream, with the first picture's size; a size that changes later
// is the decoder's to see.
// Errc::malformed_media: bytes between pictures, or a broken one. Errc::limit_exceeded:
// Limits::element_bytes, Limits::picture_side.
#pragma once
#include <memory>

#include "ingest/cutter.h"

namespace framewire {

// format: jpeg, png or webp.
std::unique_ptr<Cutter> make_picture_cutter(Format format, const CutterOptions& options,
                                            PartSink& sink);

}  // namespace framewire
