// Errors are values: a category that decides the close code, a sentence for people, and the place.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace framewire {

enum class Errc : std::uint8_t {
  protocol,            // the wire rules of PROTOCOL.md or RFC 6455 broken; close 1002
  unsupported_format,  // a format or codec we don't take, or text where binary is due; close 1003
  bad_text,            // a control message that is no JSON, or not the JSON expected; close 1007
  malformed_media,     // the container's own rules broken; close 1007
  limit_exceeded,      // a limit of Limits or relay::Config; close 1009
  refused,             // policy: token, origin, second publisher; close 1008
  past_credit,         // a frame of a lossless capture that was not granted; close 1008
  internal,            // our fault; close 1011
};

// The name used in JSON errors, logs and metrics, e.g. "malformed-media".
std::string_view to_string(Errc code);

struct Error {
  Errc code = Errc::internal;
  std::string what;          // a sentence that names what was wrong, for the peer and the log
  std::uint64_t offset = 0;  // bytes from the start of the publisher's stream
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Errc code, std::string what, std::uint64_t offset = 0) {
  return tl::make_unexpected(Error{code, std::move(what), offset});
}

}  // namespace framewire
