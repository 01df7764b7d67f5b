// Which codec is decoded here, and what each output does with it: one table, so that nothing else
// decides by codec. docs/formats.md shows it to people.
//   copied   the output holds it in this profile, rate and pixel format
//   encoded  by the one output that encodes (`.h264`, `.mpeg1`), which others then read instead
//   refused  by name: no decoder for it here
// Decoders not in the table are never opened: the list is also FFmpeg's whitelist.
// Thread: any.
#pragma once
#include <string>

#include "codec/child/av/ffmpeg_handles.h"
#include "codec/child/av/shape.h"
#include "codec/outputs.h"

namespace framewire::codec {

// FFmpeg's name of the decoder for it; nullptr: none is used here.
const char* decoder_of(AVCodecID codec);
// Their names, as `codec_whitelist` wants them; with those that FFmpeg opens to learn what a stream
// is.
const std::string& decoder_whitelist();

// FFmpeg's name of the output's muxer; nullptr: we write it ourselves.
const char* muxer_of(const Output& output);
// "" if the output holds a track of this kind as it is, else why not: "FLV holds no VP8, only ...".
// What is not known of it yet (a pixel format, a rate) is taken to fit.
// Use::films: what the container can hold at all, whoever plays it.
enum class Use : std::uint8_t { players, films };
std::string why_not(const Output& output, const AVCodecParameters& track, Use use = Use::players);
// FFmpeg's MP4 muxer wants to be told that it is meant, before 6.0.
constexpr bool is_experiment_in_mp4(AVCodecID codec) {
  return codec == AV_CODEC_ID_FLAC;
}
// "" if the output has a place for all of a shape, else why not: "FLV has no place for how pictures
// are turned".
std::string why_not_shown(const Output& output, const Shape& shape);
// What an output that encodes makes of pictures or sound that it does not hold.
AVCodecID encoded_as(const Output& output, AVMediaType type);

}  // namespace framewire::codec
