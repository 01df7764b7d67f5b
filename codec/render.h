// What passes between `framewire render` and the child that makes its film, one child per film
// (codec/child/render/render.h).
//
//   arguments: to_json(RenderSpec)
//   descriptor 3, SOCK_STREAM, to the child: pictures in their order, each a head and its bytes;
//     then the end
//
//       +-------+-------+-------+-------+-------+-------+-------+-------+---------
//       | length of the picture         | kind of the picture           | picture
//       +-------+-------+-------+-------+-------+-------+-------+-------+---------
//       4 bytes each, big-endian; the end: a length of 0. A kind is one of PictureKind
//
//   descriptor 3, from the child: of each picture the XXH64 of its pixels as they were decoded
//     (RGBA, 8 bits each, row by row; of a JPEG its planes), 8 bytes, big-endian
//   descriptor 4: the file, empty at first, readable too
//   descriptor 5, if RenderSpec::sound: a file of sound, in whatever container FFmpeg reads
//   exit code 0: the file is whole. Else stdout has JSON: what (a sentence), and errno if it is the
//     disk's, or sound: true if it is the sound's fault
//
// Thread: any.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"

namespace framewire::codec {

struct RenderSpec {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  double fps = 0;
  std::uint64_t frames = 0;       // that will come: the sound ends with them
  std::string container = "mp4";  // one of film_containers(); "" = none: pictures are only hashed
  std::string codec = "h264";     // h264, vp8, vp9, av1, prores; gif, webp, apng
  std::string quality = "high";   // draft, good, high, lossless
  std::string chroma;             // 420, 422, 444; "" = the codec's usual one
  std::uint32_t bit_depth = 0;    // of a sample: 8 or 10; 0 = the codec's usual one
  bool alpha = false;             // where why_no_film() takes it; else pictures are laid on black
  bool sound = false;
  std::uint32_t plays = 0;  // of an animated image: how often it is shown; 0 = for ever
};
std::string to_json(const RenderSpec& spec);
Result<RenderSpec> render_from_json(std::string_view text);

// "" if it can be made, else a sentence: what does not go together. Sizes, rate and frames of 0 are
// not known yet, and not judged.
std::string why_no_film(const RenderSpec& spec);
// GIF, WebP, APNG and AVIF: short films that browsers show as images, without sound.
bool is_animated_image(std::string_view container);
// As endings of files, in words: ".mp4 .webm ...".
std::string film_containers();
// Of a container, when none was asked for; "" = there is no such container.
std::string_view usual_codec(std::string_view container, bool alpha);

// planes, planes_alpha: colour_planes() without and with alpha (ingest/pictures/packed_planes.h),
// packed, of sRGB.
enum class PictureKind : std::uint32_t { png = 1, jpeg = 2, planes = 3, planes_alpha = 4 };
struct PictureHead {
  std::uint32_t bytes = 0;  // 0 = the end
  PictureKind kind = PictureKind::png;
};
constexpr std::size_t kPictureHeadBytes = 8;
std::array<std::byte, kPictureHeadBytes> to_bytes(const PictureHead& head);
PictureHead picture_head(Bytes bytes);

}  // namespace framewire::codec
