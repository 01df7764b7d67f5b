// What a key of --keys may call a client's certificate: a kind and a text, compared as a whole; no
// `*` stands for anything. Pure. Thread: any. Source: RFC 5280, section 4.2.1.6 (the kinds of
// names).
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace framewire::relay {

// In the one form that is compared: names of hosts and fingerprints in small letters, a fingerprint
// without colons, an address as its bytes are written. nullopt: no kind that is known, nothing
// behind it, more than 512 bytes, control characters, or no address or fingerprint where there
// should be one.
std::optional<std::string> certificate_name(std::string_view text);

}  // namespace framewire::relay
