// FFmpeg's error codes and log lines in our words.
#pragma once
#include <string_view>

#include "ingest/base/error.h"

namespace framewire::codec {

// "muxing mp4: Invalid data found when processing input". Errc::malformed_media for what the media
// is to blame for, Errc::unsupported_format for what this FFmpeg has no code for, Errc::internal
// for the rest.
tl::unexpected<Error> ffmpeg_failed(std::string_view doing, int averror, std::uint64_t offset = 0);

// FFmpeg's own lines go to the log at debug level: they speak of media that somebody else made.
void log_ffmpeg_by_spdlog();

}  // namespace framewire::codec
