// What `framewire token keygen`, `sign`, `verify` and `link` are told. Thread: any.
#pragma once
#include <chrono>
#include <string>
#include <variant>
#include <vector>

#include "relay/access/jwt/algorithm.h"
#include "relay/access/jwt/claims.h"

namespace framewire::cli {

constexpr std::chrono::seconds kDefaultTokenLife{3600};

struct KeygenOptions {
  std::string name;  // of the files: name.jwk, name.jwks
  jwt::Algorithm algorithm = jwt::Algorithm::es256;
  std::string key_id;  // "": one by chance
  bool force = false;  // write over files that are there
};
struct SignOptions {
  std::string key_file;
  std::string key_id;  // "": the key's own
  std::vector<jwt::Right> rights;
  std::string claim;  // where they are put
  std::chrono::seconds life = kDefaultTokenLife;
  std::string subject;  // "": not said
  std::string issuer;
  std::vector<std::string> audiences;
};
struct VerifyTokenOptions {
  std::string token;  // "-" = stdin
  std::string keys_file;
  jwt::Rules rules;
};

struct LinkOptions {
  std::string key_file;
  jwt::Action action = jwt::Action::watch;  // or publish
  std::string stream;
  std::chrono::seconds life = kDefaultTokenLife;
  std::string server;  // what stands before the path; "" = nothing
  std::string path;    // with a {} for the stream
};

using TokenCommand = std::variant<KeygenOptions, SignOptions, VerifyTokenOptions, LinkOptions>;

// Exit codes: tools/base/exit_codes.h; a token that is refused is kExitRefused.
int run_token_command(const TokenCommand& command);

}  // namespace framewire::cli
