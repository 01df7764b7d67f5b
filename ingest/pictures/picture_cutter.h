// JPEG, PNG and WebP pictures: each is a part and a group of its own. They are found by structure
// (ingest/pictures/picture_scanner.h), so a picture per message and a body of pictures end to end
// are cut alike. One epoch for the whole stream, with the first picture's size; a size that changes
// later is the decoder's to see. Bytes between pictures (padding, of many cameras) that come with
// the picture before stay behind it, where decoders read no further; those that come later are left
// out: such a stream alone is not byte-exact. A JPEG without EOI ends where the next one, or
// nothing, follows. Notes: picture-padding, picture-without-end, webp-animated.
// Errc::malformed_media: a broken picture, or none in Limits::junk_bytes.
// Errc::limit_exceeded: Limits::element_bytes, Limits::picture_side.
#pragma once
#include <memory>

#include "ingest/cut/cutter.h"

namespace framewire {

// format: jpeg, png or webp.
std::unique_ptr<Cutter> make_picture_cutter(Format format, const CutterOptions& options,
                                            PartSink& sink);

}  // namespace framewire
