// base64url of RFC 4648 5 as RFC 7515 wants it: no padding, no blank, no line end, and the bits
// that belong to no byte are zero, so that there is one spelling of everything. Pure. Thread: any.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace framewire::jwt {

std::string base64url_encode(std::string_view bytes);

// nullopt: it is none, or another spelling of one.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace framewire::jwt
