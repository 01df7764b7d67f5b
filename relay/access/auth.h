// Who may publish and who may watch: static keys, and the pages whose scripts may connect.
// A key is presented as `Authorization: Bearer KEY` or as the parameter `token=KEY`. Only SHA-256
// digests are kept and compared, in constant time, so neither a key's bytes nor its length can be
// timed; no key is ever part of an error or a log line. Thread: a KeyRing is immutable, any thread.
// Errors: a request that cannot be read is `bad-request` (400). Source: PROTOCOL.md, "URLs"; RFC
// 6750 2.1; RFC 6454 7.
#pragma once
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/error.h"
#include "relay/access/jwt/link.h"

namespace framewire::relay {

class KeyRing {
 public:
  KeyRing() = default;
  explicit KeyRing(const std::vector<std::string>& keys);

  // One of them was presented: never so when there are none.
  bool opens(std::optional<std::string_view> presented) const;
  bool empty() const { return digests_.empty(); }

 private:
  using Digest = std::array<unsigned char, 32>;
  static Digest digest_of(std::string_view key);

  std::vector<Digest> digests_;
};

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
