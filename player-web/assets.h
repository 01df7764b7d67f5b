// The web files inside the binary: SDK, elements, pages, samples.
// Lifetime: static; a pointer that find_asset() gives stays valid for good.  Thread: any.
// Paths are those of player-web/ ("/framewire.js", "/sdk/play.js", "/pages/watch.html",
// "/dist/watch.html") and "/samples/...".
#pragma once
#include <string_view>

#include "ingest/base/bytes.h"

namespace framewire::web {

struct Asset {
  std::string_view path;
  std::string_view content_type;  // with its charset
  Bytes bytes;
  std::string_view etag;  // quoted, as in the header; changes with the content
  // The same, compressed; empty = it is not there so.
  Bytes brotli;
  Bytes gzip;
};

// nullptr = no such file.
const Asset* find_asset(std::string_view path);

}  // namespace framewire::web
