// What a request shows of who sends it: keys, signed links, and the page whose script asks.
// A key is presented as `Authorization: Bearer KEY` or as the parameter `token=KEY`. No key is ever
// part of an error or a log line. Pure. Thread: any.
// Errors: a request that cannot be read is `bad-request` (400). Source: PROTOCOL.md, "URLs"; RFC
// 6750 2.1; RFC 6454 7.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/error.h"
#include "relay/access/jwt/link.h"

namespace framewire::relay {

// The key that a request carries, if any. `authorization` is the header's value ("" = none);
// `arguments` are the URL's parameters, decoded, each as `name=value`. Fails when a key is given
// twice, or holds a NUL. A scheme other than Bearer is somebody else's (a proxy's) and counts as no
// key.
Result<std::optional<std::string>> presented_key(std::string_view authorization,
                                                 std::span<const std::string> arguments);

// The signed link of `sign` and `expires`, if there is one. Fails when one of them is missing, or
// given twice, or there is a key, too.
Result<std::optional<jwt::ShownLink>> presented_link(std::span<const std::string> arguments,
                                                     bool with_key);

// `origin` is the Origin header ("" = none, as from ffmpeg or curl: admitted), `host` the Host
// header. Same host and port is admitted, so are the `allowed` ones
// (origin_pattern.h). The scheme is not compared with our own: a proxy in front may end
// TLS.
bool origin_admitted(std::string_view origin, std::string_view host,
                     std::span<const std::string> allowed);

}  // namespace framewire::relay
