// A small JPEG of one keyframe.
#pragma once
#include "codec/child/av/ffmpeg_handles.h"

namespace framewire::codec {

// Decodes the packet, scales it to at most 320 pixels a side, and writes the picture to fd. False:
// it cannot be decoded; that is no error of the film.
bool write_thumbnail(const AVPacket& packet, const AVStream& stream, int fd);

}  // namespace framewire::codec
