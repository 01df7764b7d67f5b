// Why a request was answered with an error instead of a stream: the `code` of PROTOCOL.md's JSON
// error body, its HTTP status, and the `reason` label of framewire_refusals_total. Names are a
// promise to users. Thread: any.  Source: PROTOCOL.md, "Close codes and errors".
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace framewire::relay {

enum class Refusal : std::uint8_t {
  bad_name,            // no stream name of the grammar
  bad_request,         // a header or parameter that cannot be read, or said twice
  unauthorized,        // no key, or not one of ours
  token_expired,       // it was good, until its time was over
  key_removed,         // it was good, until a reload took its key out
  forbidden,           // known, and not let in (--auth-url)
  banned,              // its address, or whoever it is (relay/access/bans.h)
  over_quota,          // it has as many streams or viewers as it may (relay/access/identity_book.h)
  foreign_origin,      // a page of another site that is not allowed
  foreign_host,        // asked by a name that may be some page's own (relay/access/hosts.h)
  wrong_keys,          // too many of this address: it waits (relay/access/key_pause.h)
  not_found,           // no such stream, rendition or page
  method_not_allowed,  // e.g. DELETE
  stream_taken,        // a second publisher
  not_recording,       // the server runs without --record-dir
  not_uploading,       // the server runs without --upload-url
  recording_in_use,    // it is still written
  not_rendering,       // the server runs without --render
  kicked,              // an operator ended this connection
  stream_ended,        // an operator ended the stream
  bad_range,           // a Range beyond the file's end
  limit_exceeded,      // the request is too big
  unsupported_format,
  malformed_media,
  upgrade,          // an Upgrade that is not to `websocket`, or no valid handshake
  version,          // a Sec-WebSocket-Version that is not 13
  subprotocol,      // none that we speak
  overloaded,       // a limit on streams, viewers or connections is reached
  timed_out,        // what was waited for did not come
  auth_timed_out,   // the operator's own server did not say in time who may (--auth-url)
  auth_failed,      // it could not be asked, or said nothing of use
  request_timeout,  // a request that did not come to its end
  internal,
};

struct RefusalInfo {
  std::string_view code;
  std::uint16_t status;
};

// One row per Refusal, in the order of the enum.
inline constexpr std::array kRefusals = {
    RefusalInfo{"bad-name", 400},
    RefusalInfo{"bad-request", 400},
    RefusalInfo{"unauthorized", 401},
    RefusalInfo{"token-expired", 401},
    RefusalInfo{"key-removed", 401},
    RefusalInfo{"forbidden", 403},
    RefusalInfo{"banned", 403},
    RefusalInfo{"over-quota", 403},
    RefusalInfo{"foreign-origin", 403},
    RefusalInfo{"foreign-host", 403},
    RefusalInfo{"wrong-keys", 429},
    RefusalInfo{"not-found", 404},
    RefusalInfo{"method-not-allowed", 405},
    RefusalInfo{"stream-taken", 409},
    RefusalInfo{"not-recording", 409},
    RefusalInfo{"not-uploading", 409},
    RefusalInfo{"recording-in-use", 409},
    RefusalInfo{"not-rendering", 409},
    RefusalInfo{"kicked", 403},
    RefusalInfo{"stream-ended", 409},
    RefusalInfo{"bad-range", 416},
    RefusalInfo{"limit-exceeded", 413},
    RefusalInfo{"unsupported-format", 415},
    RefusalInfo{"malformed-media", 422},
    RefusalInfo{"upgrade", 400},
    RefusalInfo{"version", 426},
    RefusalInfo{"subprotocol", 400},
    RefusalInfo{"overloaded", 503},
    RefusalInfo{"timed-out", 503},
    RefusalInfo{"auth-timed-out", 503},
    RefusalInfo{"auth-failed", 503},
    RefusalInfo{"request-timeout", 408},
    RefusalInfo{"internal", 500},
};
static_assert(kRefusals.size() == static_cast<std::size_t>(Refusal::internal) + 1);

constexpr std::string_view to_string(Refusal why) {
  return kRefusals[static_cast<std::size_t>(why)].code;
}
constexpr std::uint16_t http_status(Refusal why) {
  return kRefusals[static_cast<std::size_t>(why)].status;
}

}  // namespace framewire::relay
