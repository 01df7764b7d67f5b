// Packets of tracks (codec/child/containers/packet_normalizer.h) as the packets format, ready for
// WebCodecs' decoders: H.264 behind lengths with an avcC, others as they are; codec strings from
// the parameters. Thread: one. Errors: unsupported_format for a codec that WebCodecs has no name
// for.
#pragma once
#include <span>

#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/av/ffmpeg_io.h"
#include "ingest/base/error.h"

namespace framewire::codec {

// The header and the configs of all tracks.
Result<Buffer> packets_header(std::span<const AVCodecParameters* const> tracks);
// Times in microseconds.
Buffer packets_packet(const AVCodecParameters& parameters, std::size_t track,
                      const AVPacket& packet);

}  // namespace framewire::codec
