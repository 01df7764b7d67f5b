// The renditions that codec can make: /live/{stream}.{name}. Known to the server (which asks for
// one by its name) and to the worker (which makes it).
#pragma once
#include <optional>
#include <string_view>

#include "ingest/format.h"

namespace framewire::codec {

struct Output {
  std::string_view name;     // the URL's extension
  Format format;             // of the bytes, for the server's cutter
  std::string_view instead;  // the output that this one is made from when the origin does not fit
  bool encodes = false;      // what does not fit is decoded and encoded
};

// h264: H.264 and AAC, for all who need these. mpeg1: for jsmpeg.
inline constexpr Output kOutputs[] = {
    {"mp4", Format::mp4, "h264"},         {"ts", Format::mpegts, "h264"},
    {"flv", Format::flv, "h264"},         {"webm", Format::webm, ""},
    {"h264", Format::mp4, "", true},      {"mpeg1", Format::mpegts, "h264", true},
    {"packets", Format::packets, "h264"},
};

// nullptr when there is none, or when this program was built without FFmpeg.
constexpr const Output* output_named(std::string_view name) {
#ifdef FRAMEWIRE_WITH_FFMPEG
  for (const Output& output : kOutputs)
    if (output.name == name) return &output;
#else
  (void)name;
#endif
  return nullptr;
}

}  // namespace framewire::codec
