// The header by which a webhook's receiver knows that a body is from this server and not old:
// `Framewire-Signature: t=SECONDS,v1=HEX`, where HEX is HMAC-SHA256 by the secret over "SECONDS."
// and the body. Pure. Thread: any.  Source: RFC 2104; PROTOCOL.md, "Webhooks".
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace framewire::relay {

inline constexpr std::size_t kLeastSecretBytes = 16;

// seconds: since 1970, when it is sent.
std::string webhook_signature(std::string_view secret, std::int64_t seconds, std::string_view body);

}  // namespace framewire::relay
