#include "codec/child/av/ffmpeg_error.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cstdarg>

extern "C" {
#include <libavutil/error.h>
#include <libavutil/log.h>
}

namespace framewire::codec {
namespace {

constexpr std::size_t kLineBytes = 512;

Errc category(int averror) {
  switch (averror) {
    case AVERROR_INVALIDDATA:
    case AVERROR_EOF:
    case AVERROR(EINVAL):
    case AVERROR(ERANGE):
      return Errc::malformed_media;
    case AVERROR_DECODER_NOT_FOUND:
    case AVERROR_DEMUXER_NOT_FOUND:
    case AVERROR_ENCODER_NOT_FOUND:
    case AVERROR_MUXER_NOT_FOUND:
    case AVERROR_BSF_NOT_FOUND:
    case AVERROR_PATCHWELCOME:
    case AVERROR(ENOSYS):
      return Errc::unsupported_format;
    default:
      return Errc::internal;
  }
}

void log_line(void* source, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_WARNING || spdlog::get_level() > spdlog::level::debug) return;
  std::array<char, kLineBytes> line{};
  int at_start = 1;
  av_log_format_line2(source, level, format, arguments, line.data(), line.size(), &at_start);
  for (char& c : line) {
    if (c == '\n' || c == '\0') {
      c = '\0';
      break;
    }
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '?';
  }
  spdlog::debug("ffmpeg: {}", line.data());
}

}  // namespace

tl::unexpected<Error> ffmpeg_failed(std::string_view doing, int averror, std::uint64_t offset) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> reason{};
  av_strerror(averror, reason.data(), reason.size());
  return fail(category(averror), fmt::format("{}: {}", doing, reason.data()), offset);
}

void log_ffmpeg_by_spdlog() {
  av_log_set_callback(log_line);
}

}  // namespace framewire::codec
