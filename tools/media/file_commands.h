// Whole files, rewritten or looked through by a child process of codec/. Thread: one.
// Errors: a sentence with the file's name; unsupported_format for a container that is not known,
// malformed_media for what cannot be read.
#pragma once
#include <cstdint>
#include <string>

#include "ingest/base/error.h"
#include "ingest/base/format.h"

namespace framewire::cli {

// The containers that can be written, by a file name's extension: webm mkv mp4 flv ts ogg.
Result<std::string> container_of(const std::string& path);

struct FilmFile {
  double seconds = 0;
  std::uint64_t bytes = 0;
};
// A seekable file of the container that `to` names, without re-encoding; whole or not there. force:
// in place of one that is there.
Result<FilmFile> remux_file(const std::string& from, Format format, const std::string& to,
                            bool force);

}  // namespace framewire::cli
