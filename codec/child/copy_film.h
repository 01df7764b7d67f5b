// Writes a film's packets as they are into a seekable file: with duration and index, MP4 with the
// index in front, from time 0 on.
// Thread: one at a time. Errors: CopyError; the file is then worth nothing.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "codec/child/film.h"

namespace framewire::codec {

struct CopyError {
  std::string what;
  int disk_error = 0;  // an errno of writing
};

// container: a file name's extension: webm, mkv, mp4, flv, ts, ogg. fd: a file that can be read
// too.
tl::expected<void, CopyError> copy_film(Film& film, std::string_view container, int fd,
                                        std::int64_t to_us = INT64_MAX);

}  // namespace framewire::codec
