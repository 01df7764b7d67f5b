// Where a stream is: what a user types for `framewire publish`, `watch` and `record`, and the
// address that is asked for (PROTOCOL.md, "URLs"). Thread: any.
#pragma once
#include <string>
#include <string_view>

#include "tools/option_values.h"

namespace framewire::cli {

struct LiveUrl {
  std::string origin;     // "http://127.0.0.1:8080", "https://example.org"
  std::string stream;     // "cam", "room/1"
  std::string extension;  // of the rendition, "" = the origin
  std::string query;      // "token=...", without "?"

  std::string publish() const;
  // extension: in place of one that was not typed.
  std::string live(std::string_view or_extension = "") const;
};

// http, https, ws and wss URLs of /publish, /live and /watch, with a key as ?token=; or a stream's
// name alone, for the server at its default address. Errors name no value: it may hold a key.
Parsed<LiveUrl> parse_live_url(std::string_view text);

}  // namespace framewire::cli
