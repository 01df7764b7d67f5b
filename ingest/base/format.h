// The formats a publisher may send (PROTOCOL.md, "Formats"). `webm` stands for Matroska as well.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace framewire {

enum class Format : std::uint8_t {
  webm,
  mp4,
  mpegts,
  flv,
  ogg,
  packets,
  rgba,
  png,
  jpeg,
  webp,
  binary,
  // Streams without a container; they are put into one (elementary_cutter.h, wav_cutter.h).
  h264,
  hevc,
  aac,
  mp3,
  wav
};

std::string_view to_string(Format format);  // "webm", "mpegts", ...
// Pictures end to end, without a container.
bool is_pictures(Format format);
std::optional<Format> format_named(std::string_view name);

}  // namespace framewire
