#include "relay/record/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace framewire::relay {
namespace {

constexpr std::size_t kMaxIdLength = 400;
constexpr std::size_t kMaxSegmentLength = 200;
constexpr std::string_view kPath = "%path";

constexpr FileKind kWebm{"webm", "video/webm", true, false};
constexpr FileKind kMatroska{"mkv", "video/x-matroska", true, false};
constexpr FileKind kMp4{"mp4", "video/mp4", true, false};
constexpr FileKind kQuickTime{"mov", "video/quicktime", true, false};  // films of pages
constexpr FileKind kGif{"gif", "image/gif", false, false, true};
constexpr FileKind kWebp{"webp", "image/webp", false, false, true};
constexpr FileKind kApng{"apng", "image/apng", false, false, true};
constexpr FileKind kAvif{"avif", "image/avif", false, false, true};
constexpr FileKind kFlv{"flv", "video/x-flv", true, false};
constexpr FileKind kMpegTs{"ts", "video/mp2t", false, true};
constexpr FileKind kOgg{"ogg", "audio/ogg", false, true};
constexpr FileKind kMotionJpeg{"mjpeg", "video/x-motion-jpeg", false, true};
constexpr std::array kKinds = {&kWebm, &kMatroska,   &kMp4, &kQuickTime, &kFlv,  &kMpegTs,
                               &kOgg,  &kMotionJpeg, &kGif, &kWebp,      &kApng, &kAvif};

bool is_id_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

bool is_id_segment(std::string_view segment) {
  return !segment.empty() && segment.size() <= kMaxSegmentLength && segment.front() != '.' &&
         std::all_of(segment.begin(), segment.end(), is_id_char);
}

bool is_id_path(std::string_view path) {
  if (path.size() > kMaxIdLength) return false;
  for (;;) {
    const std::size_t slash = path.find('/');
    if (!is_id_segment(path.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

bool is_h264(const TrackInfo& track) {
  return track.codec.starts_with("avc1") || track.codec.starts_with("avc3");
}

// https://www.webmproject.org/docs/container/
bool is_in_webm(const TrackInfo& track) {
  constexpr std::array kCodecs = {"vp8", "vp9", "vp09", "av01", "opus", "vorbis"};
  return std::any_of(kCodecs.begin(), kCodecs.end(),
                     [&](const char* codec) { return track.codec.starts_with(codec); });
}

// What FFmpeg's MP4 muxer takes and players know there: https://mp4ra.org/registered-types/codecs
bool is_in_mp4(const TrackInfo& track) {
  constexpr std::array kCodecs = {"avc",  "hvc1", "hev1", "vp09", "av01", "opus",
                                  "mp4a", "mp3",  "flac", "ac-3", "ec-3", "alac"};
  return track.kind == TrackKind::other ||
         std::any_of(kCodecs.begin(), kCodecs.end(),
                     [&](const char* codec) { return track.codec.starts_with(codec); });
}

}  // namespace

const FileKind* file_kind_for(const EpochInfo& info) {
  const bool fits_mp4 = std::all_of(info.tracks.begin(), info.tracks.end(), is_in_mp4);
  switch (info.format) {
    case Format::webm:
    case Format::packets:
      // Sound that is plain is encoded beside packets, which come from canvases.
      if (std::any_of(info.tracks.begin(), info.tracks.end(), is_h264) &&
          (fits_mp4 || info.format == Format::packets))
        return &kMp4;
      return std::all_of(info.tracks.begin(), info.tracks.end(), is_in_webm) ? &kWebm : &kMatroska;
    case Format::mp4:
      return fits_mp4 ? &kMp4 : &kMatroska;
    case Format::mpegts:
      return &kMpegTs;
    case Format::flv:
      return &kFlv;
    case Format::ogg:
      return &kOgg;
    case Format::jpeg:
      return &kMotionJpeg;
    default:
      return nullptr;
  }
}

const FileKind* file_kind_of(std::string_view id) {
  const std::size_t dot = id.rfind('.');
  if (dot == std::string_view::npos) return nullptr;
  for (const FileKind* kind : kKinds)
    if (id.substr(dot + 1) == kind->extension) return kind;
  return nullptr;
}

bool is_recording_id(std::string_view id) {
  return is_id_path(id) && file_kind_of(id) != nullptr;
}

Result<std::string> expand_name(std::string_view pattern, std::string_view stream, std::time_t at) {
  std::string format{pattern};
  for (std::size_t found = format.find(kPath); found != std::string::npos;
       found = format.find(kPath, found + stream.size()))
    format.replace(found, kPath.size(), stream);
  std::tm time{};
  gmtime_r(&at, &time);
  std::array<char, kMaxIdLength> out{};
  const std::size_t size = std::strftime(out.data(), out.size(), format.c_str(), &time);
  const std::string name{out.data(), size};
  if (!is_id_path(name))
    return fail(Errc::refused,
                fmt::format("\"{}\" gives the file name \"{}\", which is not made of segments of "
                            "A-Z a-z 0-9 . _ - that don't begin with a dot, joined by /",
                            pattern, name));
  return name;
}

std::string numbered_id(std::string_view name, unsigned n, const FileKind& kind) {
  if (n <= 1) return fmt::format("{}.{}", name, kind.extension);
  return fmt::format("{}-{}.{}", name, n, kind.extension);
}

}  // namespace framewire::relay
