// Why a token is not taken. The names are a promise to users (docs/security.md, "Tokens"); the
// sentence beside one holds nothing of the token, of a key or of what it says. Thread: any.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace framewire::jwt {

enum class Fault : std::uint8_t {
  malformed,    // no compact JWS, no base64url, no JSON, or a claim of a wrong type
  too_long,     // more than kTokenBytes
  algorithm,    // none, one that is not taken here, or another than its key's
  critical,     // an extension that has to be understood, and is not
  key_unknown,  // no key of that name, or no name where there are several keys
  signature,    // not made by that key, or not for these bytes
  expired,
  no_expiry,
  not_yet,   // valid later, or issued in the future
  issuer,    // by another one than is expected
  audience,  // for somebody else
  rights,    // none, or such as are not understood
};

inline constexpr std::array<std::string_view, 12> kFaultNames = {
    "token-malformed",   "token-too-long",  "token-algorithm", "token-critical",
    "token-key-unknown", "token-signature", "token-expired",   "token-no-expiry",
    "token-not-yet",     "token-issuer",    "token-audience",  "token-rights"};
static_assert(kFaultNames.size() == static_cast<std::size_t>(Fault::rights) + 1);

constexpr std::string_view to_string(Fault fault) {
  return kFaultNames[static_cast<std::size_t>(fault)];
}

struct Refused {
  Fault fault = Fault::malformed;
  std::string what;  // a sentence for people and the log
};

template <class T>
using Checked = tl::expected<T, Refused>;

inline tl::unexpected<Refused> refuse(Fault fault, std::string what) {
  return tl::make_unexpected(Refused{fault, std::move(what)});
}

}  // namespace framewire::jwt
