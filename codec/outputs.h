// The renditions that codec can make: /live/{stream}.{name}. Known to the server (which asks for
// one by its name) and to the worker (which makes it).
#pragma once
#include <optional>
#include <string_view>

#include "ingest/base/format.h"

namespace framewire::codec {

struct Output {
  std::string_view name;     // the URL's extension
  Format format;             // of the bytes, for the server's cutter
  std::string_view instead;  // the output that this one is made from when the origin does not fit
  bool encodes = false;      // what does not fit is decoded and encoded
};

inline constexpr Output kOutputs[] = {
    // packets in another container
    {"mp4", Format::mp4, "h264"},
    {"ts", Format::mpegts, "h264"},
    {"flv", Format::flv, "h264"},
    {"webm", Format::webm, ""},
    {"packets", Format::packets, "h264"},
    // H.264 and AAC, for all who need these; MPEG-1 and MP2, for jsmpeg
    {"h264", Format::mp4, "", true},
    {"mpeg1", Format::mpegts, "h264", true},
    // pictures: kPosters, kMjpeg
    {"jpg", Format::jpeg, ""},
    {"jpg160", Format::jpeg, ""},
    {"jpg320", Format::jpeg, ""},
    {"jpg640", Format::jpeg, ""},
    {"jpg1280", Format::jpeg, ""},
    {"mjpeg", Format::jpeg, ""},
};

// A stream's newest keyframe as a JPEG picture, by its largest width; 0 = as it is.
struct Poster {
  std::string_view output;
  int width;
};
inline constexpr Poster kPosters[] = {
    {"jpg160", 160}, {"jpg320", 320}, {"jpg640", 640}, {"jpg1280", 1280}, {"jpg", 0}};
constexpr std::string_view poster_output(int width) {
  for (const Poster& poster : kPosters)
    if (width > 0 && width <= poster.width) return poster.output;
  return "jpg";
}
// All pictures of a stream that has nothing else, as JPEG.
inline constexpr std::string_view kMjpeg = "mjpeg";

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

// Pictures are encoded to it as they come, while other origins are not.
inline bool encodes_pictures(std::string_view name, Format origin) {
  return is_pictures(origin) && (name == "webm" || (name == kMjpeg && origin != Format::jpeg));
}

// JPEG pictures, one a part, and no video.
constexpr bool makes_pictures(std::string_view name) {
  const Output* output = output_named(name);
  return output && output->format == Format::jpeg;
}

}  // namespace framewire::codec
