// Messages of DevTools' pipe, cut out of its bytes: JSON texts, a NUL behind each.
// Thread: one. Errors: limit_exceeded, past kMostBytes without a NUL; the reader is done then.
// Source: Chromium, content/browser/devtools/devtools_pipe_handler.cc.
#pragma once
#include <deque>
#include <optional>
#include <string>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"

namespace framewire::cli {

class DevtoolsReader {
 public:
  // A picture of 8K as PNG that is hardly compressed, in base64.
  static constexpr std::size_t kMostBytes = std::size_t{256} << 20;

  explicit DevtoolsReader(std::size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}
  Result<void> feed(Bytes bytes);
  // nullopt: more bytes are needed.
  std::optional<std::string> next();

 private:
  const std::size_t most_bytes_;
  std::string begun_;
  std::deque<std::string> messages_;
};

// The text of a member of a message, where it needs no unescaping (base64), without parsing the
// rest: its first `"key":"`. nullopt: there is none, or it has an escape.
std::optional<std::string_view> plain_member(std::string_view message, std::string_view key);

// RFC 4648, section 4, with padding. nullopt: it is none.
std::optional<Buffer> base64_decode(std::string_view text);
std::string base64_encode(Bytes bytes);

}  // namespace framewire::cli
