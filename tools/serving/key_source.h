// Where a server has the keys of tokens from, --jwks: a file, read anew by a reload and when it has
// changed, or a URL, fetched on a thread of its own (relay/fetch/key_fetcher.h). What cannot be
// read leaves the last good ones. Errors: a sentence that names the source, and holds no key.
// Thread: one, that of the signals.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "relay/access/jwt/key_set.h"
#include "relay/access/token_keys.h"
#include "relay/base/config.h"
#include "relay/fetch/key_fetcher.h"

namespace framewire::cli {

bool is_jwks_url(const std::string& jwks);

class KeySource {
 public:
  // What of it can fail; the keys in use stay.
  Result<std::optional<jwt::KeySet>> read(const relay::Config& config);
  // From now on what `config` names, with the keys that were read of it; config.token_keys is set.
  // What was fetched for another URL ends with `before`, once no server has it any more.
  struct Before {
    std::unique_ptr<relay::KeyFetcher> fetcher;
  };
  Before use(std::optional<jwt::KeySet> keys, relay::Config& config);
  // Once a second or so.
  void look_at_file();

 private:
  using Stamp = std::array<std::int64_t, 4>;  // device, inode, size, time
  static Stamp stamp_of(const std::string& file);

  std::string jwks_;
  std::array<relay::Duration, 3> times_{};  // of a URL: every, pause, timeout
  std::shared_ptr<relay::TokenKeys> keys_;
  std::unique_ptr<relay::KeyFetcher> fetcher_;
  Stamp read_{};    // as read() found it
  Stamp shown_{};   // of what is used
  Stamp failed_{};  // of what could not be
  bool told_ = false;
};

}  // namespace framewire::cli
