// One key as JSON (RFC 7517; its numbers RFC 7518 6, RFC 8037 2), read strictly. Pure. Thread: any.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "relay/access/jwt/key.h"

namespace framewire::jwt {

enum class Purpose { verify, sign };

struct NamedKey {
  std::optional<std::string> key_id;
  Key key;
};

// What is wrong with it, as the end of a sentence that begins with "key 2". left_out: it is of
// another use or algorithm, and a set goes without it, as RFC 7517 5 has it; all else is a mistake.
struct JwkTrouble {
  bool left_out = false;
  std::string what;
};

// To verify, only a key's public part may be given (a private one belongs elsewhere, and whoever
// publishes it should be told); to sign, it has to be private.
tl::expected<NamedKey, JwkTrouble> read_jwk(const nlohmann::json& jwk, Purpose purpose);

}  // namespace framewire::jwt
