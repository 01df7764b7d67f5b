// The names of recordings: what their files are called, and what a file's name says of it. Pure.
// Thread: any.
//
// An id is the finished file's path below --record-dir: segments of [A-Za-z0-9._-] joined by '/',
// none of which begins with a dot (so neither `..` nor what the recorder hides there can be asked
// for), with one of the extensions below. While it is written the file has `.part` behind its name,
// and `.broken` if nothing can read it.
#pragma once
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/error.h"
#include "ingest/cut/cutter.h"

namespace framewire::relay {

// How an epoch is kept in a file.
struct FileKind {
  std::string_view extension;     // without the dot; also `format` in the API
  std::string_view content_type;  // RFC 9110
  // Copied by the finaliser into this container: duration, index, the start at 0. Else the appended
  // bytes are the file.
  bool rewritten = false;
  bool spans_epochs = false;  // another init segment may follow in the same file
  bool image = false;         // an animated one, of a page: what it is, its maker knows
};

// nullptr: the format is not recorded (binary), or not as it is (png, webp, rgba: film_feed.h).
// H.264 in Matroska, which no browser plays, becomes MP4.
const FileKind* file_kind_for(const EpochInfo& info);
const FileKind* file_kind_of(std::string_view id);  // by its extension

bool is_recording_id(std::string_view id);

// %path is the stream's name, the rest is strftime's, in UTC. Errc::refused for what gives no id.
Result<std::string> expand_name(std::string_view pattern, std::string_view stream, std::time_t at);

// The n-th try for a name that is taken: "cam/now", "cam/now-2", ...; with extension.
std::string numbered_id(std::string_view name, unsigned n, const FileKind& kind);

}  // namespace framewire::relay
