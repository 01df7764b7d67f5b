// Writes a film's packets as they are into a seekable file: with duration and index, MP4 with the
// index in front, from time 0 on, a chapter behind each gap (where the container has chapters).
// Thread: one at a time. Errors: CopyError; the file is then worth nothing.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "codec/child/files/media_file.h"

namespace framewire::codec {

struct CopyError {
  std::string what;
  int disk_error = 0;  // an errno of writing
};

// Sound that is not encoded, PCM, in a container of which no player expects it: MP4, WebM.
enum class FilmSound { as_it_is, encoded_if_plain };

// What a file says of itself; else what the film does.
struct FilmTags {
  std::string title;
  std::int64_t began_ms = 0;  // since 1970; 0: not known
};

// container: a file name's extension: webm, mkv, mp4, flv, ts, ogg. fd: a file that can be read
// too.
tl::expected<void, CopyError> remux_file(MediaFile& film, std::string_view container, int fd,
                                         std::int64_t to_us = INT64_MAX,
                                         FilmSound sound = FilmSound::as_it_is,
                                         const FilmTags& tags = {});

}  // namespace framewire::codec
