// What a publisher's bytes may be wrapped in: gzip, and the multipart bodies of forms (curl -F) and
// of cameras (multipart/x-mixed-replace). Known by their first bytes, as formats are.
// Sources: RFC 1952; RFC 2046, section 5.1; RFC 7578.
//
//   gzip:       members one after the other; at most kMostExpansion times the size
//   multipart:  the bodies of its parts end to end; of a form only of the fields that are files.
//               A body goes on to the next boundary; its Content-Length counts when one follows
//               there
//
// Thread: one. Errors: malformed_media, limit_exceeded; offsets count from the first byte fed.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "ingest/base/bytes.h"
#include "ingest/base/error.h"

namespace framewire {

class Unwrapper {
 public:
  using Take = std::function<Result<void>(Bytes)>;
  virtual ~Unwrapper() = default;
  // take: called with what was inside, in order, as soon as it is known; its error ends the feed.
  virtual Result<void> feed(Bytes bytes, const Take& take) = 0;
  // Nothing follows. An error: it ends too early.
  virtual Result<void> finish(const Take& take) = 0;
};

enum class Wrapping : std::uint8_t { none, gzip, multipart };
// start: of the stream. nullopt: more bytes are needed; never asked for past 128.
std::optional<Wrapping> sniff_wrapping(Bytes start);
std::unique_ptr<Unwrapper> make_unwrapper(Wrapping wrapping);

inline constexpr std::uint64_t kMostExpansion = 100;  // of gzip, past the first mebibyte

}  // namespace framewire
