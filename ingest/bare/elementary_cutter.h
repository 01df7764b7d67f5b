// Streams without a container are put into MPEG-TS, which holds them as they are: H.264 and HEVC in
// Annex B form, AAC with ADTS heads, MPEG audio (an MP3 file's ID3 tags are left out).
//
//   origin: that transport stream, not the bytes published; its epochs are Format::mpegts
//   times:  of sound by its samples; of pictures by CutterOptions::fps, else by H.264's own timing,
//           else 25 a second; those that are shown in another order than decoded by the order that
//           they tell (picture_order.h)
//   an access unit goes out when the next one begins: a picture later
//
// Notes: raw-video-rate (no rate was said), raw-video-order (pictures that need an order, and do
// not tell it), sound-junk (bytes between frames, left out). Errc::malformed_media: no frame in
// Limits::junk_bytes. Errc::limit_exceeded: element_bytes.
#pragma once
#include <memory>

#include "ingest/cut/cutter.h"

namespace framewire {

// format: h264, hevc, aac or mp3.
std::unique_ptr<Cutter> make_elementary_cutter(Format format, const CutterOptions& options,
                                               PartSink& sink);

}  // namespace framewire
