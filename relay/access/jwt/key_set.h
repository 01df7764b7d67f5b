// The keys that tokens are verified with: a JWK Set of RFC 7517 5, or a single JWK, as text. A
// token chooses by name (`kid`), of a map; where there is one key only, it need not. Immutable: a
// set that changed is a new one. Thread: any. Errors: a sentence that says which key is wrong, and
// holds nothing of it. bad_text: no such JSON; limit_exceeded: too big, or too many; refused: a
// weak, private or ambiguous key, or two of one name.
#pragma once
#include <cstddef>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/base/error.h"
#include "relay/access/jwt/key.h"

namespace framewire::jwt {

class KeySet {
 public:
  static Result<KeySet> read(std::string_view text);

  // Null: there is none of that name; without a name: there is not just one.
  const Key* find(const std::optional<std::string>& key_id) const;
  std::size_t size() const { return named_.size() + unnamed_.size(); }
  // A sentence for each key that was left out: for another use, of another algorithm, or without a
  // name among several. For the log.
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  Result<void> add(const std::string& which, const nlohmann::json& jwk);
  Result<void> finish();

  std::map<std::string, Key, std::less<>> named_;
  std::vector<Key> unnamed_;
  std::vector<std::string> left_out_;
};

}  // namespace framewire::jwt
