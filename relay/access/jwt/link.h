// Signed links, for people who have no token: an address that opens one stream for one action until
// a moment, `?expires=1900000000&sign=...`. What is signed is HMAC-SHA256 (RFC 2104) of
//   "framewire link 1\n" action "\n" stream "\n" expires
// in UTF-8, as base64url without padding; expires: seconds since 1970, in decimal.
// Thread: immutable, any. Errors: a name and a sentence, with nothing of link or key in it.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "relay/access/jwt/claims.h"
#include "relay/access/jwt/rights.h"

namespace framewire::jwt {

// As a URL carries it, decoded.
struct ShownLink {
  std::string sign;
  std::string expires;
};

enum class LinkFault : std::uint8_t {
  malformed,  // not in the one form that a link has
  signature,  // not made with one of the keys, or for something else
  expired,
};
inline constexpr std::array<std::string_view, 3> kLinkFaultNames = {
    "link-malformed", "link-signature", "link-expired"};
constexpr std::string_view to_string(LinkFault fault) {
  return kLinkFaultNames[static_cast<std::size_t>(fault)];
}
struct LinkRefused {
  LinkFault fault = LinkFault::malformed;
  std::string_view what;
};

inline constexpr std::size_t kLinkKeys = 16;
inline constexpr std::size_t kLinkKeyBytes = 32;  // at least: as much as what it makes
inline constexpr std::size_t kLongestLinkKey = 1024;
inline constexpr std::size_t kLinkFileBytes = 64u << 10;

class LinkKeys {
 public:
  // A file's: a key on each line that is not empty and does not begin with `#`, printable ASCII
  // without blanks. Links of all of them are taken; the first one makes new ones.
  static tl::expected<LinkKeys, std::string> read(std::string_view text);

  std::string sign(Action action, std::string_view stream, Instant expires) const;
  // When it ends. In a time that tells nothing of the keys.
  tl::expected<Instant, LinkRefused> verify(const ShownLink& link, Action action,
                                            std::string_view stream, Instant now) const;
  std::size_t size() const { return keys_.size(); }

 private:
  std::vector<std::string> keys_;
};

}  // namespace framewire::jwt
