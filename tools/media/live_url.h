// Where a stream is: what a user types for `framewire publish`, `watch` and `record`, and the
// address that is asked for (PROTOCOL.md, "URLs"). Thread: any.
#pragma once
#include <string>
#include <string_view>

#include "tools/base/option_values.h"

namespace framewire::cli {

struct LiveUrl {
  std::string origin;     // "http://127.0.0.1:8080", "https://example.org"
  std::string stream;     // "cam", "room/1"
  std::string extension;  // of the rendition, "" = the origin
  std::string query;      // "token=...", without "?"

  // With what the server is told of the stream (PROTOCOL.md, "Publishing over HTTP"), encoded
  // already.
  std::string publish(const std::string& parameters = "") const;
  std::string describe() const;  // its JSON
  // extension: in place of one that was not typed.
  std::string live(std::string_view or_extension = "") const;
};

// http, https, ws and wss URLs of /publish, /live and /watch, with a key as ?token=; or a stream's
// name alone, for the server at its default address. publishes: it is to be sent to, so that no
// rendition (.mp4) may be named. Errors name no value: it may hold a key.
Parsed<LiveUrl> parse_live_url(std::string_view text, bool publishes = false);
// As a URL's parameter takes it.
std::string url_encoded(const std::string& text);

}  // namespace framewire::cli
