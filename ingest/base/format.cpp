#include "ingest/base/format.h"

#include <array>
#include <cstddef>

namespace framewire {
namespace {
constexpr std::array<std::string_view, 16> kNames = {
    "webm", "mp4",  "mpegts", "flv",  "ogg",  "packets", "rgba", "png",
    "jpeg", "webp", "binary", "h264", "hevc", "aac",     "mp3",  "wav"};
}

std::string_view to_string(Format format) {
  return kNames[static_cast<std::size_t>(format)];
}

bool is_pictures(Format format) {
  return format == Format::rgba || format == Format::png || format == Format::jpeg ||
         format == Format::webp;
}

std::optional<Format> format_named(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<Format>(i);
  return std::nullopt;
}

}  // namespace framewire
